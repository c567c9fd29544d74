"""Functions in C that encoders call for a cell: a smooth clip, ranks, the calendar, texts."""

from __future__ import annotations

# name -> (what it calls, its text); "@" stands for the prefix. In the order in which they must stand, behind those of
# `functions.NUMBERS`.
CELLS: dict[str, tuple[tuple[str, ...], str]] = {
    "inverse_root": (
        ("bits", "number"),
        """\
/* 1 / sqrt(x) for a normal x > 0: a first guess from the bits, and Newton's steps */
static float @inverse_root(float x) {
  float y = @number(0x5F375A86u - (@bits(x) >> 1));
  y = y * (1.5f - (0.5f * x) * y * y);
  y = y * (1.5f - (0.5f * x) * y * y);
  y = y * (1.5f - (0.5f * x) * y * y);
  return y + (0.5f * y) * (1.0f - (x * y) * y);
}
""",
    ),
    "clip_smoothly": (
        ("inverse_root",),
        """\
/* z / sqrt(1 + (z / 3)^2): at most 3 in size */
static float @clip_smoothly(float z) {
  const float least = z < -1e9f ? -1e9f : z, c = least > 1e9f ? 1e9f : least, third = c / 3.0f;
  return c * @inverse_root(1.0f + third * third);
}
""",
    ),
    "scaled": (
        ("clip_smoothly",),
        """\
/* (x - center) / scale, clipped smoothly; 0 for NaN. Of the center, rest is what float has no digits for. */
static float @scaled(float x, float center, float rest, float scale) {
  return x != x ? 0.0f : @clip_smoothly(((x - center) - rest) / scale);
}
""",
    ),
    "scaled_far": (
        ("clip_smoothly",),
        """\
/* The same of a column that stands far from 0 for its spread; halves, so that no difference overflows */
static float @scaled_far(double x, double center, double scale) {
  double z = (x * 0.5 - center * 0.5) / (scale * 0.5);
  if (z < -1e9) z = -1e9;
  if (z > 1e9) z = 1e9;
  return x != x ? 0.0f : @clip_smoothly((float)z);
}
""",
    ),
    "share": (
        (),
        """\
/* (x - low) / (high - low), at least 0 and at most 1; halves where the difference would overflow */
static double @share(double x, double low, double high) {
  const double half = high - low > DBL_MAX ? 0.5 : 1.0;
  const double share = (x * half - low * half) / (high * half - low * half);
  return share < 0.0 ? 0.0 : (share > 1.0 ? 1.0 : share);
}
""",
    ),
    "copied": (
        (),
        """\
/* n numbers of a table to the inputs of the network */
static void @copied(const float *from, int n, float *x) {
  int j;
  for (j = 0; j < n; j++) x[j] = from[j];
}
""",
    ),
    "above": (
        (),
        """\
/* How many of n ascending numbers are at most x */
static int @above(const double *known, int n, double x) {
  int low = 0;
  while (n > 0) {
    const int half = n / 2;
    if (known[low + half] <= x) {
      low += half + 1;
      n -= half + 1;
    } else {
      n = half;
    }
  }
  return low;
}
""",
    ),
    "normal_quantile": (
        ("log", "inverse_root"),
        """\
/* The inverse of the normal distribution function for 0.001 <= p <= 0.999 (Wichura, 1988, algorithm AS 241) */
static float @normal_quantile(double p) {
  const float q = (float)(p - 0.5), size = q < 0.0f ? -q : q;
  if (size <= 0.425f) {
    const float r = 0.180625f - q * q;
    return q * (((59.109374720f * r + 159.29113202f) * r + 50.434271938f) * r + 3.3871327179f) /
           (((67.187563600f * r + 78.757757664f) * r + 17.895169469f) * r + 1.0f);
  }
  {
    const float tail = (float)(q < 0.0f ? p : 1.0 - p), minus_log = -@log(tail);
    const float r = minus_log * @inverse_root(minus_log) - 1.6f;
    const float x = (((0.17023821103f * r + 1.3067284816f) * r + 2.7568153900f) * r + 1.4234372777f) /
                    ((0.12021132975f * r + 0.73700164250f) * r + 1.0f);
    return q < 0.0f ? -x : x;
  }
}
""",
    ),
    "rank": (
        ("above", "share"),
        """\
/* The rank of x among n ascending quantiles, 0 to 1; the middle of the ranks of those that equal it */
static double @rank(const double *known, int n, double x) {
  const int right = @above(known, n, x), last = n - 1;
  double place = right - 0.5;
  if (right > 0 && known[right - 1] == x) {
    int left = right - 1;
    while (left > 0 && known[left - 1] == x) left--;
    place = (left + right - 1) * 0.5;
  } else if (right > 0 && right <= last) {
    place = right - 1 + @share(x, known[right - 1], known[right]);
  }
  if (place < 0.0) place = 0.0;
  if (place > last) place = last;
  return place / last;
}
""",
    ),
    "floor": (
        (),
        """\
/* The largest whole number that is at most x, of a moment or a number of days */
static int64_t @floor(double x) {
  const int64_t whole = (int64_t)x;
  return (double)whole > x ? whole - 1 : whole;
}
""",
    ),
    "moment": (
        (),
        """\
/* A moment that a calendar has, NaN as it is: 2.9e8 years, as far as NumPy's dates of a day reach without care */
static double @moment(double seconds) {
  return seconds < -9e15 ? -9e15 : (seconds > 9e15 ? 9e15 : seconds);
}
""",
    ),
    "mod": (
        (),
        """\
/* a mod n, from 0 to n - 1 */
static int64_t @mod(int64_t a, int64_t n) {
  const int64_t rest = a % n;
  return rest < 0 ? rest + n : rest;
}
""",
    ),
    "first_of_month": (
        (),
        """\
/* Days from 1970-01-01 to the first of a month, 1 to 12 */
static int64_t @first_of_month(int64_t year, int month) {
  const int64_t y = month > 2 ? year : year - 1, era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
  const int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;
  return era * 146097 + (of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719468;
}
""",
    ),
    "calendar": (
        ("floor", "first_of_month"),
        """\
typedef struct {
  int64_t days, year;
  int month;
} @calendar_day;

/* Days since 1970-01-01, year and month of a moment */
static @calendar_day @calendar(double seconds) {
  @calendar_day day;
  int64_t z, era, of_era, year_of_era, of_year, shifted;
  day.days = @floor(seconds / 86400.0);
  z = day.days + 719468;
  era = (z >= 0 ? z : z - 146096) / 146097;
  of_era = z - era * 146097;
  year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  shifted = (5 * of_year + 2) / 153;
  day.month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
  day.year = year_of_era + era * 400 + (day.month <= 2 ? 1 : 0);
  return day;
}
""",
    ),
    "wave": (
        (),
        """\
/* Sine of a share of a turn, 0 to 1.25 */
static float @wave(float turn) {
  const float quarters = turn * 4.0f + 0.5f;
  const int quarter = (int)quarters;
  const float a = (turn - 0.25f * (float)quarter) * 0x1.921fb6p+2f, z = a * a;
  const float odd = -0x1.555556p-3f + z * (0x1.111112p-7f + z * (-0x1.a01a02p-13f + z * 0x1.71de3ap-19f));
  const float sine = a + a * z * odd;
  const float cosine = 1.0f + z * (-0.5f + z * (0x1.555556p-5f + z * (-0x1.6c16c2p-10f + z * 0x1.a01a02p-16f)));
  const float v = quarter % 2 ? cosine : sine;
  return quarter % 4 >= 2 ? -v : v;
}
""",
    ),
    "checksum": (
        (),
        """\
/* CRC-32 of a text in UTF-8, as zlib computes it */
static uint32_t @checksum(const char *text) {
  uint32_t crc = 0xFFFFFFFFu;
  int k;
  for (; *text; text++) {
    crc ^= (unsigned char)*text;
    for (k = 0; k < 8; k++) crc = crc & 1u ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
  }
  return ~crc;
}
""",
    ),
    "find_text": (
        (),
        """\
/* The place of a text among n texts that lie one after the other, each with a 0 behind it */
static int @find_text(const unsigned char *levels, int n, const char *text, int otherwise) {
  int code;
  for (code = 0; code < n; code++) {
    const char *c = text;
    while (*levels && *levels == (unsigned char)*c) {
      levels++;
      c++;
    }
    if (*levels == (unsigned char)*c) return code;
    while (*levels) levels++;
    levels++;
  }
  return otherwise;
}
""",
    ),
}
