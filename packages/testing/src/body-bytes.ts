/** `Body` of `@tsws/http`. */
export type ReadableBody =
  | null
  | string
  | Uint8Array
  | AsyncIterable<Uint8Array>
  | { readonly file: ReadableFile; readonly start: number; readonly length: number; close(): Promise<void> }

interface ReadableFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
}

/** All bytes of a response's body as they would be sent; reads and closes it, as an engine does. */
export async function bodyBytes(body: ReadableBody): Promise<Buffer> {
  if (body === null) return Buffer.alloc(0)
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body as Uint8Array)
  if ('file' in body) {
    const bytes = Buffer.alloc(body.length)
    let filled = 0
    while (filled < body.length) {
      const { bytesRead } = await body.file.read(bytes, filled, body.length - filled, body.start + filled)
      if (bytesRead === 0) throw new Error('the file ended early')
      filled += bytesRead
    }
    await body.close()
    return bytes
  }
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}
