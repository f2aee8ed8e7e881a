/** The longest delay a Node timer can have, ms: a longer one would go off at once. */
export const LONGEST_DELAY = 0x7fffffff

export function clampDelay(milliseconds: number): number {
  return Math.min(milliseconds, LONGEST_DELAY)
}
