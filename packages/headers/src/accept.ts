import { parseMediaType } from './media-type.ts'
import type { MediaType } from './media-type.ts'
import { parseQualityList } from './quality.ts'

/**
 * How much a client wants `type`, 0 (not at all) to 1, by its `Accept` field (RFC 9110 §12.5.1): the weight of the most
 * specific media range that fits, whichever order they stand in. A missing field (null) or an empty one wants everything.
 *
 * @throws {TypeError} when `type` is not a media type.
 */
export function acceptsMediaType(accept: string | null, type: string): number {
  const wanted = parseMediaType(type)
  if (wanted === null)
    throw new TypeError(`not a media type: ${JSON.stringify(type)}; expected one such as "text/html"`)
  if (accept === null || accept.trim() === '') return 1
  let best = -1
  let quality = 0
  for (const { value, q } of parseQualityList(accept)) {
    const range = parseMediaType(value)
    if (range === null) continue
    const specificity = fit(range, wanted)
    if (specificity > best) {
      best = specificity
      quality = q
    }
  }
  return quality
}

/** §12.5.1: how specific a media range that fits is, −1 when it does not fit. Its parameters must all be there. */
function fit(range: MediaType, type: MediaType): number {
  if (range.essence === '*/*') return 0
  if (range.type !== type.type) return -1
  if (range.subtype === '*') return 1
  if (range.subtype !== type.subtype) return -1
  for (const [name, value] of range.parameters) {
    if (type.parameters.get(name)?.toLowerCase() !== value) return -1
  }
  return 2 + range.parameters.size
}
