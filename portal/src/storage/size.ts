const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** 1536 bytes as "1.5 KiB". */
export function sizeOf(bytes: number, language: string): string {
  let at = 0;
  let v = bytes;
  for (; v >= 1024 && at < units.length - 1; at++) v /= 1024;
  return `${v.toLocaleString(language, { maximumFractionDigits: at > 0 && v < 100 ? 1 : 0 })} ${units[at]}`;
}
