import { lowerCaseName, nameEquals } from './field-names.ts'
import { INDEX_STRIDE } from './head-scan.ts'
import type { HeadScan } from './head-scan.ts'
import { indexFields } from './index-fields.ts'
import { latin1 } from './latin1.ts'
import { unfold } from './obs-fold.ts'

/** Up to here, whoever asks for a second name or value gets all as one text, which is cut: most heads are smaller. */
const LARGEST_TEXT = 4096
/** What stands for the text when one name or value was asked for, and decoded alone. */
const ASKED_ONCE = ' '

/**
 * The field lines of a head or of a trailer section. It holds the bytes and decodes what is asked for; the bytes
 * pushed must not be changed afterwards. It stays valid for ever.
 */
export class HeadFields implements Iterable<[name: string, value: string]> {
  // Set in the constructor and nowhere else: a head is made for every request, and initialisers, or anything with a "#",
  // methods too, would make it cost half as much again.
  /** How many field lines there are. */
  declare readonly fieldCount: number
  declare protected readonly bytes: Uint8Array
  declare protected readonly fieldsStart: number
  /** Knows the positions as long as it is this head's turn, because a scan is used again; after that, an own index. */
  declare private positions: HeadScan | Int32Array
  declare private readonly turn: number

  declare private text: string

  /** @internal */
  constructor(scan: HeadScan, bytes: Uint8Array, shift: number) {
    this.fieldCount = scan.fieldCount
    this.bytes = bytes
    this.fieldsStart = scan.fieldsStart + shift
    this.positions = scan
    this.turn = scan.turn
    this.text = ''
  }

  /** The name of a field line as it was sent. Throws a `RangeError` if there is no such line. */
  fieldName(field: number): string {
    const place = this.placeOf(field)
    return this.decode(place, place + 1)
  }

  /** The value of a field line, whitespace around it removed, one character a byte. Throws a `RangeError`. */
  fieldValue(field: number): string {
    return this.valueAt(this.placeOf(field))
  }

  /** All values of a field joined by ", " (Cookie by "; "), or null (RFC 9110 §5.3; RFC 6265 §5.4). */
  get(lowerCaseName: string): string | null {
    let place = this.find(lowerCaseName, 0)
    if (place < 0) return null
    let joined = this.valueAt(place)
    const separator = lowerCaseName === 'cookie' ? '; ' : ', '
    while ((place = this.find(lowerCaseName, place + INDEX_STRIDE)) >= 0)
      joined += separator + this.valueAt(place)
    return joined
  }

  /** Whether there is a field line of that name. */
  has(lowerCaseName: string): boolean {
    return this.find(lowerCaseName, 0) >= 0
  }

  /** Every field line in the order it was sent, its name in lower case. */
  *[Symbol.iterator](): Generator<[name: string, value: string], void, undefined> {
    for (let place = 0; place < this.fieldCount * INDEX_STRIDE; place += INDEX_STRIDE) {
      const index = this.index()
      const shift = this.fieldsStart - index[0]!
      const name = lowerCaseName(this.bytes, index[place]! + shift, index[place + 1]! + shift)
      yield [name, this.valueAt(place)]
    }
  }

  private placeOf(field: number): number {
    if (Number.isInteger(field) && field >= 0 && field < this.fieldCount) return field * INDEX_STRIDE
    throw new RangeError(`There is no field line ${field}; there are ${this.fieldCount}`)
  }

  private valueAt(place: number): string {
    const value = this.decode(place + 2, place + 3)
    return value.includes('\n') ? unfold(value) : value // a fold: see `allowObsFold`
  }

  /** What lies between two positions of the index. */
  private decode(fromPlace: number, toPlace: number): string {
    const index = this.index()
    const { bytes, fieldsStart } = this
    const base = index[0]! // the first name begins where the fields do
    const from = index[fromPlace]! - base
    const to = index[toPlace]! - base
    const length = index[(this.fieldCount - 1) * INDEX_STRIDE + 3]! - base
    if (this.text === '' || length > LARGEST_TEXT) {
      this.text = ASKED_ONCE
      return latin1(bytes, fieldsStart + from, fieldsStart + to)
    }
    if (this.text === ASKED_ONCE) this.text = latin1(bytes, fieldsStart, fieldsStart + length)
    return this.text.slice(from, to)
  }

  /** Where in the index the next line of that name is, or -1. */
  private find(name: string, from: number): number {
    const index = this.index()
    const { bytes, fieldsStart } = this
    const shift = fieldsStart - index[0]!
    const end = this.fieldCount * INDEX_STRIDE
    for (let place = from; place < end; place += INDEX_STRIDE) {
      const start = index[place]!
      if (index[place + 1]! - start === name.length && nameEquals(name, bytes, start + shift)) return place
    }
    return -1
  }

  /** The scan's own index while it is still about this head; after that, one made anew from the bytes. */
  private index(): Int32Array {
    const { positions } = this
    if (positions instanceof Int32Array) return positions
    if (positions.turn === this.turn) return positions.index
    return (this.positions = indexFields(this.bytes, this.fieldsStart))
  }
}
