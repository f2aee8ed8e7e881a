import { open } from 'node:fs/promises'
import { respond } from '@tsws/http'
import type { Handler } from '@tsws/http'

/** Opens the file inside the generator: one that never begins has nothing to close. */
async function* linesInUpperCase(path: string): AsyncIterable<Uint8Array> {
  const file = await open(path)
  try {
    const encoder = new TextEncoder()
    for await (const line of file.readLines({ autoClose: false })) {
      yield encoder.encode(`${line.toUpperCase()}\n`) // a new array each time
    }
  } finally {
    await file.close()
  }
}

export const shout =
  (path: string): Handler =>
  () =>
    respond.stream(linesInUpperCase(path), { headers: { 'Content-Type': 'text/plain; charset=utf-8' } })
