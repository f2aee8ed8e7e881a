import { INDEX_AT, LINE_AT, NOTABLE_AT, scanModule } from './scan-module.mjs'

const { scan, memory } = new WebAssembly.Instance(await scanModule()).exports
const bytes = new Uint8Array(memory.buffer)
const view = new DataView(memory.buffer)
const words = new Int32Array(memory.buffer)
const IN_HOST = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(/[\w.~!$&'()*+,;=-]/.test(String.fromCharCode(byte))),
)
const four = (text) => text.split('').reduceRight((number, letter) => (number << 8) | letter.charCodeAt(0), 0)
const [GET, HOST, CONN, KEEP, ALI, LIVE] = ['GET ', 'host', 'conn', 'keep', '-ali', 'live'].map(four)
let turn = 0

/** As much as a `RequestHead` holds. */
function headOf(chunk, fieldCount, method, keepAlive) {
  return {
    fieldCount,
    bytes: chunk,
    fieldsStart: words[(LINE_AT >> 2) + 1] + 11,
    positions: words,
    turn,
    text: '',
    contentLength: 0,
    method,
    targetStart: words[LINE_AT >> 2] + 1,
    bits: keepAlive,
  }
}

/** `parseHead` for a plain GET with HTTP/1.1; null for anything else. */
export function simdHead(chunk) {
  if (chunk.length > 8192) return null
  bytes.set(chunk)
  bytes[chunk.length] = 0
  turn = (turn + 1) | 0
  const fieldCount = scan()
  if (fieldCount < 0 || view.getInt32(0, true) !== GET) return null
  let hasHost = false
  for (let i = 0; i < words[(LINE_AT >> 2) + 2]; i++) {
    const place = words[(NOTABLE_AT >> 2) + i] >> 2
    const name = view.getInt32(words[place], true) | 0x20202020
    const length = words[place + 1] - words[place]
    const value = words[place + 2]
    if (name === HOST && length === 4 && !hasHost) {
      hasHost = true
      let end = value
      while (IN_HOST[bytes[end]] === 1) end++
      if (end !== words[place + 3]) return null
    } else if (
      name !== CONN ||
      length !== 10 ||
      words[place + 3] - value !== 10 ||
      (view.getInt32(value, true) | 0x20202020) !== KEEP ||
      (view.getInt32(value + 4, true) | 0x20202020) !== ALI ||
      (view.getInt32(value + 6, true) | 0x20202020) !== LIVE
    ) {
      return null
    }
  }
  if (!hasHost) return null
  return { type: 'head', head: headOf(chunk, fieldCount, 'GET', 1), end: words[(LINE_AT >> 2) + 3] }
}

/** Where name and value of a field line lie, for the check that it is right. */
export function simdField(field) {
  return words.subarray((INDEX_AT >> 2) + field * 4, (INDEX_AT >> 2) + field * 4 + 4)
}
