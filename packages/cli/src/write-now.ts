import { writeSync } from 'node:fs'

/**
 * Writes at once, so that nothing can come before it and nothing is lost when the process ends.
 * A closed pipe or a full disk behind the descriptor is no reason to stop serving.
 */
export function writeNow(descriptor: 1 | 2, text: string): void {
  try {
    writeSync(descriptor, text)
  } catch {
    // There is nobody to tell.
  }
}
