import { scanFieldSection } from './field-section.ts'
import { FIELD_LINE } from './head-scan.ts'
import { resolveOptions } from './options.ts'
import { SplitHead } from './split-head.ts'

/** What a scan has found good once is good, whatever the options were. */
const ANY_GOOD_SECTION = resolveOptions({ maxHeaderCount: 2 ** 28, allowBareLF: true, allowObsFold: true })

/**
 * Finds the field lines that begin at `bytes[from]` again; positions count from there. A head that outlives the next
 * one pays this once, instead of every head paying for an index of its own.
 */
export function indexFields(bytes: Uint8Array, from: number): Int32Array {
  const section = new SplitHead(ANY_GOOD_SECTION, FIELD_LINE, scanFieldSection)
  section.append(bytes, from)
  return section.scan.index
}
