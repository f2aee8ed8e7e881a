import { lowerCaseName, nameEquals } from './field-names.ts'
import { INDEX_STRIDE } from './head-scan.ts'
import type { HeadScan } from './head-scan.ts'
import { indexFields } from './index-fields.ts'
import { latin1 } from './latin1.ts'
import { unfold } from './obs-fold.ts'

/**
 * The field lines of a head or of a trailer section. It holds the bytes and decodes what is asked for; the bytes
 * pushed must not be changed afterwards. It stays valid for ever.
 */
export class HeadFields implements Iterable<[name: string, value: string]> {
  // Set in the constructor and nowhere else: a head is made for every request, and initialisers or fields with a "#"
  // would make it cost half as much again.
  /** How many field lines there are. */
  declare readonly fieldCount: number
  declare protected readonly bytes: Uint8Array
  /** What to add to a position of the scan to get one in `bytes`. */
  declare protected readonly shift: number
  declare protected readonly fieldsStart: number
  /** Knows the positions as long as this head is its owner, because a scan is used again; after that, an own index. */
  declare private positions: HeadScan | Int32Array

  /** @internal */
  constructor(scan: HeadScan, bytes: Uint8Array, shift: number) {
    this.fieldCount = scan.fieldCount
    this.bytes = bytes
    this.shift = shift
    this.fieldsStart = scan.fieldsStart + shift
    this.positions = scan
    scan.owner = this
  }

  /** The name of a field line as it was sent. Throws a `RangeError` if there is no such line. */
  fieldName(field: number): string {
    const place = this.#place(field)
    const index = this.#positions()
    return latin1(this.bytes, index[place]! + this.shift, index[place + 1]! + this.shift)
  }

  /** The value of a field line, whitespace around it removed, one character a byte. Throws a `RangeError`. */
  fieldValue(field: number): string {
    return this.#value(this.#place(field))
  }

  /** All values of a field joined by ", " (Cookie by "; "), or null (RFC 9110 §5.3; RFC 6265 §5.4). */
  get(lowerCaseName: string): string | null {
    let place = this.#find(lowerCaseName, 0)
    if (place < 0) return null
    let joined = this.#value(place)
    const separator = lowerCaseName === 'cookie' ? '; ' : ', '
    while ((place = this.#find(lowerCaseName, place + INDEX_STRIDE)) >= 0)
      joined += separator + this.#value(place)
    return joined
  }

  /** Whether there is a field line of that name. */
  has(lowerCaseName: string): boolean {
    return this.#find(lowerCaseName, 0) >= 0
  }

  /** Every field line in the order it was sent, its name in lower case. */
  *[Symbol.iterator](): Generator<[name: string, value: string], void, undefined> {
    for (let place = 0; place < this.fieldCount * INDEX_STRIDE; place += INDEX_STRIDE) {
      const index = this.#positions()
      const name = lowerCaseName(this.bytes, index[place]! + this.shift, index[place + 1]! + this.shift)
      yield [name, this.#value(place)]
    }
  }

  #place(field: number): number {
    if (Number.isInteger(field) && field >= 0 && field < this.fieldCount) return field * INDEX_STRIDE
    throw new RangeError(`There is no field line ${field}; there are ${this.fieldCount}`)
  }

  #value(place: number): string {
    const index = this.#positions()
    const value = latin1(this.bytes, index[place + 2]! + this.shift, index[place + 3]! + this.shift)
    return value.includes('\n') ? unfold(value) : value // a fold: see `allowObsFold`
  }

  /** Where in the index the next line of that name is, or -1. */
  #find(name: string, from: number): number {
    const index = this.#positions()
    const { bytes, shift } = this
    const end = this.fieldCount * INDEX_STRIDE
    for (let place = from; place < end; place += INDEX_STRIDE) {
      const start = index[place]!
      if (index[place + 1]! - start === name.length && nameEquals(name, bytes, start + shift)) return place
    }
    return -1
  }

  /** The scan's own index while it is still about this head; after that, one made anew from the bytes. */
  #positions(): Int32Array {
    const { positions } = this
    if (positions instanceof Int32Array) return positions
    if (positions.owner === this) return positions.index
    return (this.positions = indexFields(this.bytes, this.fieldsStart, this.fieldCount, this.shift))
  }
}
