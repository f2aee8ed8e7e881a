import { parseHttpDate } from './date.ts'
import { isEntityTag, listMatches, strongMatch } from './entity-tag.ts'

/** The four fields as they came, null where absent. */
export interface PreconditionFields {
  ifMatch: string | null
  ifNoneMatch: string | null
  ifModifiedSince: string | null
  ifUnmodifiedSince: string | null
}

/** What is known of the selected representation. */
export interface PreconditionFacts {
  /** Its entity tag, quotes and `W/` included; null when it has none. */
  etag: string | null
  /** When it last changed, in milliseconds since 1970; compared in whole seconds. Null when unknown. */
  lastModified: number | null
  /** False for a target without a current representation, such as a PUT that creates. @default true */
  exists?: boolean
  /** The time of the request in milliseconds since 1970, for `rangeApplies`. @default the clock */
  now?: number
}

/** Go on, answer 304, or answer 412. */
export type PreconditionOutcome = 'proceed' | 'not-modified' | 'failed'

/**
 * The conditions of a request in the order RFC 9110 §13.2.2 fixes. Call it only when the answer without them would be
 * a 2xx or 412 (§13.2.1). `If-Range` is the fifth step: `rangeApplies`.
 */
export function evaluatePreconditions(
  method: string,
  fields: PreconditionFields,
  facts: PreconditionFacts,
): PreconditionOutcome {
  if (!selectsRepresentation(method)) return 'proceed'
  if (fields.ifMatch !== null) {
    if (!ifMatchHolds(fields.ifMatch, facts)) return 'failed'
  } else if (fields.ifUnmodifiedSince !== null && !ifUnmodifiedSinceHolds(fields.ifUnmodifiedSince, facts)) {
    return 'failed'
  }
  const reads = method === 'GET' || method === 'HEAD'
  if (fields.ifNoneMatch !== null) {
    if (!ifNoneMatchHolds(fields.ifNoneMatch, facts)) return reads ? 'not-modified' : 'failed'
  } else if (
    reads &&
    fields.ifModifiedSince !== null &&
    !ifModifiedSinceHolds(fields.ifModifiedSince, facts)
  ) {
    return 'not-modified'
  }
  return 'proceed'
}

/**
 * Whether the `Range` field counts, given the `If-Range` beside it (RFC 9110 §13.1.5): yes without one; else only when its
 * strong validator is exactly the current one. An entity tag is compared strongly; a date must equal `lastModified` to
 * the second and be a strong validator.
 */
export function rangeApplies(ifRange: string | null, facts: PreconditionFacts): boolean {
  if (ifRange === null) return true
  if (isEntityTag(ifRange)) return facts.etag !== null && strongMatch(ifRange, facts.etag)
  const date = parseHttpDate(ifRange)
  if (date === null || facts.lastModified === null) return false
  return (
    toSeconds(date) === toSeconds(facts.lastModified) &&
    isStrongDate(facts.lastModified, facts.now ?? Date.now())
  )
}

/** §13.2.1: conditions are ignored by methods that neither select nor modify a representation. */
function selectsRepresentation(method: string): boolean {
  return method !== 'CONNECT' && method !== 'OPTIONS' && method !== 'TRACE'
}

/** §13.1.1: strong comparison; false when there is no current representation. */
function ifMatchHolds(value: string, facts: PreconditionFacts): boolean {
  return facts.exists !== false && listMatches(value, facts.etag, 'strong')
}

/** §13.1.2: weak comparison; true when there is no current representation. */
function ifNoneMatchHolds(value: string, facts: PreconditionFacts): boolean {
  return facts.exists === false || !listMatches(value, facts.etag, 'weak')
}

/** §13.1.3: ignored when it is not a valid date or the representation has none. */
function ifModifiedSinceHolds(value: string, facts: PreconditionFacts): boolean {
  const date = parseHttpDate(value)
  if (date === null || facts.lastModified === null) return true
  return toSeconds(facts.lastModified) > toSeconds(date)
}

/** §13.1.4: ignored when it is not a valid date or the representation has none. */
function ifUnmodifiedSinceHolds(value: string, facts: PreconditionFacts): boolean {
  const date = parseHttpDate(value)
  if (date === null || facts.lastModified === null) return true
  return toSeconds(facts.lastModified) <= toSeconds(date)
}

/**
 * §8.8.2.2: a date is strong once the second it names is over, for then no later change can carry the same date.
 * (That the client's copy was not taken earlier within that second is the client's to know: §13.1.5 makes it its duty.)
 */
function isStrongDate(lastModified: number, now: number): boolean {
  return toSeconds(now) > toSeconds(lastModified)
}

/** An HTTP-date has no smaller unit (§5.6.7). */
function toSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}
