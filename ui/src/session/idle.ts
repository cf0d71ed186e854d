//! How long until the vault locks itself.

/** Seconds left before the idle lock, from the last input heard. Never negative. */
export function secondsLeft(lastInput: number, now: number, idleMinutes: number): number {
  return Math.max(0, Math.ceil(idleMinutes * 60 - (now - lastInput) / 1000));
}
