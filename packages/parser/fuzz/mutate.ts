/** A small generator of numbers (mulberry32): the same seed gives the same run. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Pieces that steer a parser somewhere: what attacks on HTTP are made of. */
const PIECES = [
  '\r\n',
  '\r',
  '\n',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '"',
  '\x0b',
  '\x7f',
  '\x80',
  '\xff',
  '0',
  '1',
  'f',
  '0\r\n\r\n',
  '1\r\nx\r\n',
  ';a="b\\""',
  'ffffffffffffffff',
  '\r\n\r\n',
  'Host: b\r\n',
  'Host: [::1]:80\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 9007199254740993\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Connection: close, keep-alive\r\n',
  'Expect: 100-continue\r\n',
  'X: y\r\n z\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'HTTP/1.0',
  'http://a/',
  '*',
]

const LARGEST = 2000

/** Damages a seed a few times: bits, bytes, pieces, repetition, and the tail of another seed. */
export function mutate(seeds: readonly string[], random: (below: number) => number): string {
  let text = seeds[random(seeds.length)]!
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(text.length + 1)
    const to = Math.min(text.length, at + random(8))
    text = text.slice(0, at) + replacement(text, at, to, seeds, random)
  }
  return text.slice(0, LARGEST)
}

function replacement(
  text: string,
  at: number,
  to: number,
  seeds: readonly string[],
  random: (below: number) => number,
): string {
  switch (random(7)) {
    case 0: // a bit
      return at === text.length
        ? ''
        : String.fromCharCode(text.charCodeAt(at) ^ (1 << random(8))) + text.slice(at + 1)
    case 1: // a byte
      return String.fromCharCode(random(256)) + text.slice(at + 1)
    case 2: // a cut
      return text.slice(to)
    case 3: // a repetition
      return text.slice(at, to).repeat(1 + random(4)) + text.slice(to)
    case 4: {
      const other = seeds[random(seeds.length)]!
      return other.slice(random(other.length + 1))
    }
    default: // a piece, put in between or over what is there
      return PIECES[random(PIECES.length)]! + text.slice(random(2) === 0 ? at : to)
  }
}
