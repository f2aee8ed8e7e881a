/** entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE (RFC 9110 §8.8.3). `W/` is case-sensitive. */
export function isEntityTag(value: string): boolean {
  return ENTITY_TAG.test(value)
}

/** RFC 9110 §8.8.3.2: equal, and neither of them weak. */
export function strongMatch(a: string, b: string): boolean {
  return a === b && !isWeak(a)
}

/** RFC 9110 §8.8.3.2: equal but for a `W/` on either side. */
export function weakMatch(a: string, b: string): boolean {
  return a === b || opaqueTag(a) === opaqueTag(b)
}

/**
 * The value of an `If-Match` or `If-None-Match` field: `*`, or its entity tags in order (RFC 9110 §13.1.1, §13.1.2).
 * Empty list members are dropped (§5.6.1.2). Null when it is neither, one bad member being enough.
 */
export function parseEntityTagList(value: string): '*' | string[] | null {
  if (ANY.test(value)) return '*'
  const tags: string[] = []
  LIST_MEMBER.lastIndex = 0
  // commas may stand inside a tag (etagc holds %x2C), so the value is read member by member, not split
  while (LIST_MEMBER.lastIndex < value.length) {
    const match = LIST_MEMBER.exec(value)
    if (match === null) return null
    if (match[1] !== undefined) tags.push(match[1])
  }
  return tags.length === 0 ? null : tags
}

/**
 * Whether the `If-Match` or `If-None-Match` value names the current entity tag. `*` matches whatever stands there,
 * with a tag or without; an invalid value and a representation without a tag (null) match nothing.
 */
export function listMatches(value: string, etag: string | null, how: 'strong' | 'weak'): boolean {
  // nearly every revalidation sends back the one tag it was given
  if (value === etag) return how === 'weak' || !isWeak(etag)
  const tags = parseEntityTagList(value)
  if (tags === null) return false
  if (tags === '*') return true
  if (etag === null) return false
  return tags.some((tag) => (how === 'strong' ? strongMatch(tag, etag) : weakMatch(tag, etag)))
}

// etagc = %x21 / %x23-7E / obs-text
const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/
const ANY = /^[ \t]*\*[ \t]*$/
// one member, perhaps empty, with the comma after it or the end; no two runs of blanks side by side, or a field
// of blanks would cost the square of its length
const LIST_MEMBER = /[ \t]*(?:((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y

function isWeak(etag: string): boolean {
  return etag.startsWith('W/')
}

function opaqueTag(etag: string): string {
  return isWeak(etag) ? etag.slice(2) : etag
}
