"""Try exported C on a Cortex-M4: one program with many models runs under QEMU and must give the bits of this machine.

The models are networks with every activation and output, and models of the bundled tables, in float and in integers.
Every host compiler that is there takes part with several options. What headers say is compared with arm-none-eabi-size
and with the stack that a prediction really uses: memory below it is painted before, and looked at behind it.

Usage: ``make embedded``, which installs what it needs by apt where that is allowed; else it says what to install.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from descend import Network
from descend.exports.c.compilers import CORTEX_M4, STRICT
from descend.exports.c.row import packed
from descend.exports.c.write import program_of
from descend.exports.door import export
from descend.exports.fitted import described
from descend.exports.rows import proof_rows
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand
from descend.spec.activations import ACTIVATIONS
from descend.tables.datasets import dataset_path

PACKAGES = ("gcc-arm-none-eabi", "libnewlib-arm-none-eabi", "qemu-system-arm")
PROGRAMS = ("arm-none-eabi-gcc", "qemu-system-arm")
HIDDEN = tuple(name for name, row in ACTIVATIONS.items() if row.hidden)
OUTPUTS = (("sigmoid", "log_loss"), ("softmax", "log_loss"), ("exp", "poisson"))
TABLES = (("penguins", "species"), ("diamonds", "price"), ("bikes", "rentals"))
ROWS = 24
HOSTS = (("gcc", "-O0"), ("gcc", "-O3", "-march=native"), ("clang", "-O0"), ("clang", "-O3", "-march=native"))

START = r"""
extern unsigned end_of_memory;
int main(void);

static void ask(unsigned what, const void *with) {
  register unsigned r0 __asm__("r0") = what;
  register const void *r1 __asm__("r1") = with;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}
void put(const char *text) { ask(0x04, text); }
void reset(void) {
  *(volatile unsigned *)0xE000ED88 |= 0xFu << 20; /* the floating-point unit */
  __asm__ volatile("dsb\n isb");
  main();
  ask(0x18, (void *)0x20026);
  for (;;) {
  }
}
__attribute__((section(".vectors"), used)) const void *const vectors[4] = {
    &end_of_memory, (void *)reset, (void *)reset, (void *)reset};
"""

LINK = """
MEMORY { flash (rx) : ORIGIN = 0, LENGTH = 4M
         ram (rw) : ORIGIN = 0x20000000, LENGTH = 4M }
end_of_memory = ORIGIN(ram) + LENGTH(ram);
SECTIONS { .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) *(.ARM.ex*) } > flash
           .data : { *(.data*) *(.bss*) *(COMMON) } > ram }
"""

MAIN = r"""
#include <stdint.h>
#include <string.h>
void put(const char *text);
static void put_word(uint32_t word) {
  char text[10];
  int k;
  for (k = 0; k < 8; k++) text[k] = "0123456789abcdef"[(word >> (28 - 4 * k)) & 15u];
  text[8] = ' ';
  text[9] = 0;
  put(text);
}
#if defined(__arm__)
/* a call, and how far below here it wrote on the stack, in bytes */
#define STACK(call) do { \
    uint32_t *sp, *low; \
    __asm__ volatile("mov %0, sp" : "=r"(sp)); \
    for (low = sp - 4096; low < sp; low++) *(volatile uint32_t *)low = 0xA5A5A5A5u; \
    call; \
    for (low = sp - 4096; *(volatile uint32_t *)low == 0xA5A5A5A5u && low < sp; low++) {} \
    if (4 * (sp - low) > deepest) deepest = 4 * (int)(sp - low); \
  } while (0)
#else
#define STACK(call) call
#endif
static int deepest;
static void put_answer(const char *name, int answer, const float *out, int n) {
  int j;
  put(name);
  put(" ");
  put_word((uint32_t)answer);
  for (j = 0; j < n; j++) {
    uint32_t word;
    memcpy(&word, out + j, sizeof word);
    put_word(word);
  }
  put("\n");
}
"""

ASK = """
  {{
    float out[{capitals}_OUTPUTS], scratch[{capitals}_SCRATCH];
    int k, answer;
    deepest = 0;
    for (k = 0; k < {rows}; k++) {{
      STACK(answer = {name}_predict((const {name}_row *)(const void *){name}_rows + k, out, scratch));
      put_answer("{name}", answer, out, {capitals}_OUTPUTS);
    }}
    if (deepest) {{
      put("stack {name} ");
      put_word((uint32_t)deepest);
      put("\\n");
    }}
  }}
"""


def apt() -> list[str]:
    """Return how apt is called here, or nothing if it may not be."""
    if shutil.which("apt-get") is None:
        return []
    if os.geteuid() == 0:
        return ["apt-get"]
    may = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n", "apt-get"] if may and may.returncode == 0 else []


def install() -> bool:
    """Install what is absent; whether all is there."""
    if not all(map(shutil.which, PROGRAMS)) and (command := apt()):
        quiet: dict[str, Any] = {"capture_output": True, "check": False}
        subprocess.run([*command, "update", "-qq"], **quiet)
        subprocess.run([*command, "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], **quiet)
    return all(map(shutil.which, PROGRAMS))


def networks() -> Iterator[tuple[str, Any, str | None]]:
    """Yield name, network and arithmetic."""
    for name in HIDDEN:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield f"n_{name}", Network([5, 16, 9, 3], activation=name, seed=1), None
    for output, loss in OUTPUTS:
        yield f"n_tanh_{output}", Network([5, 16, 3], activation="tanh", output=output, loss=loss, seed=1), None
    for name in ("tanh", "mish", "relu", "step"):
        yield f"i_{name}", Network([5, 16, 9, 3], activation=name, seed=1), "int8"


def models() -> Iterator[tuple[str, Any, str | None]]:
    """Yield models of tables, in float and in integers."""
    for name, target in TABLES:
        options = TrainOptions(preset="single", hidden=(16, 16), restarts=1, epochs=4, seed=0)
        model = train(understand(dataset_path(name), target, options)).model
        yield f"m_{name}", model, None
        yield f"i_{name}", model, "int8"


def write_all(folder: Path) -> list[str]:
    """Export all models, write their rows and the program; return the names."""
    names, main = [], MAIN
    asked = ""
    for name, fitted, fixed in [*networks(), *models()]:
        table = np.random.default_rng(2).normal(size=(64, 5)) if fixed and isinstance(fitted, Network) else None
        export(fitted, folder / f"{name}.c", prefix=name, fixed=fixed, table=table)
        rows = rows_of(fitted, name)
        listed = ",".join(map(str, rows.tobytes()))
        main += f'#include "{name}.h"\n_Alignas(8) static const unsigned char {name}_rows[] = {{{listed}}};\n'
        asked += ASK.format(name=name, capitals=name.upper(), rows=len(rows))
        names.append(name)
    (folder / "main.c").write_text(main + f"int main(void) {{{asked}  return 0;\n}}\n")
    (folder / "start.c").write_text(START)
    (folder / "link.ld").write_text(LINK)
    (folder / "host.c").write_text("#include <stdio.h>\nvoid put(const char *text) { fputs(text, stdout); }\n")
    return names


def rows_of(fitted: Any, prefix: str) -> np.ndarray:
    """Return rows as C has them, ordinary ones and others."""
    plain = described(fitted)
    made, _ = program_of(plain, prefix, {})
    rows = proof_rows(plain)
    rows = rows.take(np.unique(np.linspace(0, len(rows) - 1, ROWS).astype(int)))
    if made.row:
        return packed(made.row, plain.read(rows.given).columns)
    return np.ascontiguousarray(rows.X, dtype=np.float32)


def run(command: list[str], folder: Path) -> str:
    """Run a program in a folder; return what it prints."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def on_the_chip(folder: Path, names: list[str], option: str) -> tuple[list[str], dict[str, int]]:
    """Build for a Cortex-M4 and run; return its answers, a line each, and the stack that each model used, in bytes."""
    arm = ["arm-none-eabi-gcc", *CORTEX_M4, option, "-nostartfiles", "-T", "link.ld"]
    sources = [f"{name}.c" for name in names]
    run([*arm, "-o", "arm.elf", "start.c", "main.c", *sources, "-lc", "-lgcc"], folder)
    console = "-display none -monitor none -serial none -chardev stdio,id=out"
    qemu = f"qemu-system-arm -M mps2-an386 {console} -semihosting-config enable=on,target=native,chardev=out"
    lines = run([*qemu.split(), "-kernel", "arm.elf"], folder).splitlines()
    told = [line.split() for line in lines if line.startswith("stack ")]
    return [line for line in lines if not line.startswith("stack ")], {name: int(n, 16) for _, name, n in told}


def compare(folder: Path, names: list[str]) -> tuple[int, dict[str, int]]:
    """Build and run everywhere; return how many lines differ, and the stack that models of -Os used on the chip."""
    lines, _ = on_the_chip(folder, names, "-O2")
    small, stack = on_the_chip(folder, names, "-Os")
    wrong = sum(one != other for one, other in zip(lines, small, strict=True))
    for compiler, *options in HOSTS:
        if shutil.which(compiler) is None:
            print(f"{compiler}: not there")
            continue
        run([compiler, *options, "-o", "host", "host.c", "main.c", *(f"{name}.c" for name in names)], folder)
        ours = run(["./host"], folder).splitlines()
        differ = sum(one != other for one, other in zip(ours, lines, strict=True))
        print(
            f"{compiler} {' '.join(options)}: {len(ours)} answers of {len(names)} models, "
            f"{differ} differ from the Cortex-M4's"
        )
        wrong += differ
    return wrong, stack


def check_sizes(folder: Path, names: list[str], stack: Mapping[str, int]) -> int:
    """Compare flash, RAM and the stack that was used with what headers say; return how many are wrong."""
    wrong = 0
    for name in names:
        said = re.search(
            r"Cortex-M4, .*?: ([\d,]+) bytes of flash .*?, ([\d,]+) of static RAM, at most ([\d,]+) of stack",
            (folder / f"{name}.h").read_text(),
        )
        flags = [*STRICT, *CORTEX_M4, "-Os", "-nostartfiles", "-Wl,-e,0"]
        run(["arm-none-eabi-gcc", *flags, "-o", "one.elf", f"{name}.c"], folder)
        text, data, bss = run(["arm-none-eabi-size", "one.elf"], folder).splitlines()[1].split()[:3]
        if said is None:
            raise SystemExit(f"{name}.h does not say what it takes")
        told = [int(one.replace(",", "")) for one in said.groups()]
        fits = told[:2] == [int(text) + int(data), int(data) + int(bss)] and 0 < stack[name] <= told[2]
        wrong += not fits
        if not fits or name.startswith(("m_", "i_penguins", "i_diamonds", "i_bikes")):
            used = f"{stack[name]} of at most {told[2]} of stack"
            print(f"{name}: {told[0]:,} bytes of flash, {told[1]} of static RAM, {used}")
    return wrong


def main() -> int:
    """Do all of it; return the exit code."""
    if not install():
        print(f"embedded: not tried: on Debian as root: apt-get install {' '.join(PACKAGES)}")
        return 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        names = write_all(folder)
        wrong, stack = compare(folder, names)
        sizes = check_sizes(folder, names, stack)
    print(
        f"embedded: {'all bits are equal' if not wrong else f'{wrong} answers differ'}; "
        f"{sizes} headers are wrong about sizes"
    )
    return int(bool(wrong or sizes))


if __name__ == "__main__":
    sys.exit(main())
