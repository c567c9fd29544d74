export function pictureSVG(_store: unknown): string { return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"/>"; }
