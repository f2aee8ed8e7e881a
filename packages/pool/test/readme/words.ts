// words.ts: runs in the threads
export function countWords(text: string): number {
  return text.split(/\s+/).filter(Boolean).length
}

export async function* numbersTo(last: number): AsyncGenerator<number> {
  for (let number = 1; number <= last; number++) yield number
}
