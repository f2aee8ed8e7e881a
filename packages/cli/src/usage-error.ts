/** The person typed something that cannot be meant: one line that teaches, exit code 2, no stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The server could not start for a reason outside the command line: one line, exit code 1. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Edits that a slip of the hand needs; with more, a guess would mislead. */
const MAX_EDITS = 2

/** The known name nearest to what was typed, or null when none is near. */
export function suggest(typed: string, known: readonly string[]): string | null {
  let best: string | null = null
  let fewest = MAX_EDITS + 1
  for (const name of known) {
    // What was typed may also be the beginning of a longer name: --tls for --tls-cert.
    const edits = typed.length > 1 && name.startsWith(typed) ? 1 : editDistance(typed, name)
    if (edits < fewest && edits < name.length) {
      best = name
      fewest = edits
    }
  }
  return best
}

/** Insertions, deletions, replacements and swaps of neighbours between two words (Damerau, Levenshtein). */
function editDistance(from: string, to: string): number {
  let before: number[] = []
  let last: number[] = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      let edits = Math.min(
        (last[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (last[column - 1] as number) + (same ? 0 : 1),
      )
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (row > 1 && column > 1 && swapped) edits = Math.min(edits, (before[column - 2] as number) + 1)
      current.push(edits)
    }
    before = last
    last = current
  }
  return last[to.length] as number
}
