import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'

/** Bytes (strings are latin1), whole or in the pieces in which they shall arrive. */
export type InjectInput = string | Uint8Array | readonly (string | Uint8Array)[]

export interface InjectResult {
  /** All bytes that came back, as latin1 text. */
  text: string
  bytes: Buffer
}

/** Runs bytes through a connection in memory; `serve` gets its server end. */
export async function inject(serve: (stream: Duplex) => void, input: InjectInput): Promise<InjectResult> {
  const [client, server] = duplexPair()
  const pieces = typeof input === 'string' || input instanceof Uint8Array ? [input] : input
  const received: Buffer[] = []
  client.on('data', (bytes: Buffer) => received.push(bytes))
  const ended = new Promise<void>((resolve) => {
    client.once('end', resolve)
    client.once('close', resolve)
    client.on('error', () => resolve())
    server.once('close', () => setImmediate(resolve))
  })
  serve(server)
  for (const piece of pieces) {
    if (client.destroyed) break
    await new Promise<void>((resolve) => {
      client.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece, () => resolve())
    })
  }
  client.end()
  await ended
  const bytes = Buffer.concat(received)
  return { bytes, text: bytes.toString('latin1') }
}
