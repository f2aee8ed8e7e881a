import { isEntityTag, parseEntityTagList } from '@tsws/headers'
import { isCoding } from './coding.ts'
import type { Coding } from './coding.ts'

// A strong entity tag names one exact sequence of bytes, so it cannot stay on the coded ones (RFC 9110 §8.8.3.3). Those get
// a weak tag made of it: weak, because the same answer is coded again at another level, or flushed at other places.
// The coding is in it, so that caches tell the variants apart, behind a `~`, by which we know our own.

/** The entity tag of the coded answer: `"v7"` becomes `W/"v7~gzip"`. A weak tag stays: it says no more than it still holds. */
export function codedTag(etag: string, coding: Coding): string {
  return etag.startsWith('"') ? `W/${etag.slice(0, -1)}~${coding}"` : etag
}

/** The tag a coded one was made of: `W/"v7~gzip"` gives `"v7"`; null for one that is not ours. */
export function plainTag(etag: string): string | null {
  if (!etag.startsWith('W/"')) return null
  const mark = etag.lastIndexOf('~')
  return mark >= 0 && isCoding(etag.slice(mark + 1, -1)) ? `${etag.slice(2, mark)}"` : null
}

/**
 * The value of an `If-None-Match` or `If-Match` field with our tags turned back into the handler's, so that it recognizes
 * them; null where there is nothing to turn. In `If-Match` this makes strong tags of weak ones, and may: each stands for
 * the strong tag it was made of, and what that condition must notice, a change of the representation, changes that one.
 */
export function restoreTags(value: string): string | null {
  if (!value.includes('~')) return null
  const tags = parseEntityTagList(value)
  if (tags === null || tags === '*' || !tags.some((tag) => plainTag(tag) !== null)) return null
  return [...new Set(tags.map((tag) => plainTag(tag) ?? tag))].join(', ')
}

/**
 * The tag a 304 must carry: that of the copy the client has (RFC 9110 §15.4.5). `asked` is the `If-None-Match` as it came,
 * `etag` the handler's; where both codings' tags were sent, the one of the coding asked for now counts.
 */
export function notModifiedTag(asked: string, etag: string, coding: Coding | null): string {
  const tags = parseEntityTagList(asked)
  if (tags === null || tags === '*' || !isEntityTag(etag)) return etag
  const ours = tags.filter((tag) => plainTag(tag) === etag)
  if (coding !== null && ours.includes(codedTag(etag, coding))) return codedTag(etag, coding)
  return tags.includes(etag) ? etag : (ours[0] ?? etag)
}
