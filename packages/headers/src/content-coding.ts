import { parseQualityList } from './quality.ts'

/**
 * The content coding to answer with, by the `Accept-Encoding` field (RFC 9110 §12.5.3).
 *
 * @param acceptEncoding the field's value; null when absent.
 * @param available the codings the server has, best first: where the client ranks several equal, the first wins.
 * `identity` is implied at the end, unless it is named elsewhere.
 * @returns one of `available`, or `identity`; null when none is acceptable, identity refused too (`identity;q=0`, or
 * `*;q=0` with nothing more specific), so that 406 or identity after all are the only answers left.
 *
 * Without the field any coding may be sent, but a client that does not ask rarely decodes: identity. With an empty one
 * no coding is wanted: identity.
 */
export function negotiateCoding(acceptEncoding: string | null, available: readonly string[]): string | null {
  if (acceptEncoding === null) return IDENTITY
  const weights = new Map<string, number>()
  for (const { value, q } of parseQualityList(acceptEncoding)) {
    if (!weights.has(value)) weights.set(value, q) // of a coding given twice the first counts
  }
  const any = weights.get('*')
  let best: string | null = null
  let bestWeight = 0
  for (const coding of available) {
    const weight =
      coding === IDENTITY ? identityWeight(weights, any) : (explicitWeight(weights, coding) ?? any ?? 0)
    if (weight > bestWeight) {
      best = coding
      bestWeight = weight
    }
  }
  if (!available.includes(IDENTITY) && identityWeight(weights, any) > bestWeight) return IDENTITY
  return best
}

/**
 * `negotiateCoding` for a fixed list of codings, remembering its answers: the whole of a server's clients sends a few
 * dozen different fields.
 *
 * @param maxRemembered most fields remembered; then all are forgotten at once, so that a client that sends a new one
 * with every request costs memory once and time only for itself.
 * @default 256
 */
export function createCodingNegotiator(
  available: readonly string[],
  maxRemembered = 256,
): (acceptEncoding: string | null) => string | null {
  const remembered = new Map<string, string | null>()
  return (acceptEncoding) => {
    if (acceptEncoding === null) return IDENTITY
    const known = remembered.get(acceptEncoding)
    if (known !== undefined) return known
    const coding = negotiateCoding(acceptEncoding, available)
    if (acceptEncoding.length > LONGEST_REMEMBERED || coding === null) return coding
    if (remembered.size >= maxRemembered) remembered.clear()
    remembered.set(acceptEncoding, coding)
    return coding
  }
}

const IDENTITY = 'identity'
// Browsers send about 30 characters; what is much longer is not worth its memory.
const LONGEST_REMEMBERED = 256
// Below every weight that can be written (0.001), so that unlisted identity loses to any coding that was asked for.
const UNLISTED_IDENTITY = 0.0001

/** §12.5.3: acceptable unless `identity;q=0`, or `*;q=0` without a more specific entry; a `*` weighs it, else it comes last. */
function identityWeight(weights: ReadonlyMap<string, number>, any: number | undefined): number {
  return weights.get(IDENTITY) ?? any ?? UNLISTED_IDENTITY
}

/** §8.4.1.1 and §8.4.1.3: `x-compress` and `x-gzip` are to be taken as `compress` and `gzip`. */
function explicitWeight(weights: ReadonlyMap<string, number>, coding: string): number | undefined {
  const weight = weights.get(coding)
  if (weight !== undefined || (coding !== 'gzip' && coding !== 'compress')) return weight
  return weights.get(`x-${coding}`)
}
