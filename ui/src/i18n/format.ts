//! Figures as they are written everywhere: counts with separators, sizes in binary units, times in
//! ISO form with the zone.

const counts = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** `12,345`. */
export function count(value: number): string {
  return counts.format(value);
}

/** `3.4 MiB`, from bytes. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

const two = (value: number) => String(Math.floor(value)).padStart(2, "0");

/** `2026-11-23 18:04 +01:00`, in the zone of this machine; the text itself if it is no time. */
export function time(iso: string, seconds = false): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const zone = -at.getTimezoneOffset();
  const sign = zone < 0 ? "-" : "+";
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}${seconds ? `:${two(at.getSeconds())}` : ""}`;
  const offset = zone === 0 ? "UTC" : `${sign}${two(Math.abs(zone) / 60)}:${two(Math.abs(zone) % 60)}`;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock} ${offset}`;
}

/** `4:07` or `1:02:09`, from seconds. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** `0.4 s` for what was quick, else as a duration. */
export function took(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds);
}

/** `1,920 × 1,080`. */
export function dimensions(width: number, height: number): string {
  return `${count(width)} × ${count(height)}`;
}

/** `42 %`, from a part of one. */
export function percent(part: number, digits = 0): string {
  return `${(part * 100).toFixed(digits)} %`;
}
