/**
 * HalfSipHash-1-3 with 64 bits of output, over the UTF-16 code units of a text, as the Linux kernel hashes what
 * comes from outside into tables. Who does not know the key cannot choose texts that meet in one place (CWE-407).
 */
export class KeyedHash {
  /** The two halves of the last hash, as signed 32-bit integers. */
  low = 0
  high = 0
  readonly #key0: number
  readonly #key1: number
  readonly #rounds: number
  readonly #finalRounds: number

  constructor(key0: number, key1: number, rounds = 1, finalRounds = 3) {
    this.#key0 = key0 | 0
    this.#key1 = key1 | 0
    this.#rounds = rounds
    this.#finalRounds = finalRounds
  }

  /** Leaves the hash of the text in `low` and `high`: nothing is allocated. */
  update(text: string): void {
    const words = (text.length >> 1) + 1
    let v0 = this.#key0
    let v1 = this.#key1 ^ 0xee
    let v2 = this.#key0 ^ 0x6c796765
    let v3 = this.#key1 ^ 0x74656462
    // After the words of the text, two steps without any give the two halves.
    for (let step = 0; step < words + 2; step++) {
      const isFinal = step >= words
      const word = isFinal ? 0 : wordOf(text, step)
      if (step === words) v2 ^= 0xee
      else if (isFinal) {
        this.low = v1 ^ v3
        v1 ^= 0xdd
      }
      v3 ^= word
      for (let round = isFinal ? this.#finalRounds : this.#rounds; round > 0; round--) {
        v0 = (v0 + v1) | 0
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
        v0 = (v0 << 16) | (v0 >>> 16)
        v2 = (v2 + v3) | 0
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
        v0 = (v0 + v3) | 0
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
        v2 = (v2 + v1) | 0
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
        v2 = (v2 << 16) | (v2 >>> 16)
      }
      v0 ^= word
    }
    this.high = v1 ^ v3
  }
}

/** Two code units; the last word holds the one that is left, if there is one, and the length in bytes. */
function wordOf(text: string, index: number): number {
  const at = index * 2
  const { length } = text
  if (at + 1 < length) return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)
  return (((length * 2) & 0xff) << 24) | (at < length ? text.charCodeAt(at) : 0)
}
