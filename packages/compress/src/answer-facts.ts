import { appendToList, listIncludes } from '@tsws/headers'
import { HeaderBlock, HttpHeaders } from '@tsws/http'
import type { Coding } from './coding.ts'
import type { StoredContent } from './stored-content.ts'
import { codedTag } from './entity-tag.ts'
import { forbidsTransform, hasDigest, isCoded, isIncompressible } from './veto.ts'

/** All that an answer's fields say about compressing it. */
export interface AnswerFacts {
  /** A coding is there already, or must not be. */
  readonly isForbidden: boolean
  readonly isIncompressible: boolean
  /** `Vary` names Accept-Encoding. */
  readonly varies: boolean
  /** There is an ETag or Last-Modified. */
  readonly hasValidator: boolean
  /** Bytes by `Content-Length`, −1 without one. */
  readonly declaredLength: number
  /** The fields of the coded answer, encoded once for all; only for fields that are remembered. */
  readonly coded: Map<Coding, CodedFields> | null
}

/** The fields of a coded answer. */
export interface CodedFields {
  readonly block: HeaderBlock
  /** What was kept of the content that came with them last. */
  stored: StoredContent | null
}

export function describeFields(headers: HttpHeaders): AnswerFacts {
  return describe(headers, false)
}

/**
 * `describeFields` for answers whose fields are the same each time, as those of a file are: read once. They are found with
 * the one block that they are, or else by their encoded form.
 */
export class FactsMemory {
  readonly #known = new Map<string, AnswerFacts>()
  // Entity tags of answers that do not vary, so that their 304s, which have no type, do not either.
  readonly #fixedTags = new Set<string>()

  /** Whether these fields were met before, and vary by `Accept-Encoding`. False says nothing. */
  isKnownToVary(headers: HttpHeaders): boolean {
    const noted = headers.onlyBlock?.noteOf(this) as AnswerFacts | undefined
    return noted !== undefined && noted.varies
  }

  /** @param isWhole whether the type of the content is among the fields, if it has one: not so in a 304 */
  describe(headers: HttpHeaders, isWhole = true): AnswerFacts {
    const block = headers.onlyBlock
    if (block === null) return isWhole ? this.#describeByText(headers) : describeFields(headers)
    const noted = block.noteOf(this)
    if (noted !== undefined) return noted as AnswerFacts
    const facts = describe(headers, true)
    block.setNote(this, facts)
    if (isWhole) this.#keepTag(headers, facts)
    return facts
  }

  #describeByText(headers: HttpHeaders): AnswerFacts {
    const encoded = headers.encode()
    const known = this.#known.get(encoded)
    if (known !== undefined) return known
    const facts = describe(headers, true)
    if (encoded.length > MAX_REMEMBERED_LENGTH) return facts
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear()
    this.#known.set(encoded, facts)
    this.#keepTag(headers, facts)
    return facts
  }

  #keepTag(headers: HttpHeaders, { isIncompressible }: AnswerFacts): void {
    const etag = isIncompressible ? headers.get('etag') : null
    if (etag === null) return
    if (this.#fixedTags.size >= MAX_REMEMBERED) this.#fixedTags.clear()
    this.#fixedTags.add(etag)
  }

  /** Whether this entity tag was met on an answer of an incompressible type. False says nothing. */
  isFixed(etag: string): boolean {
    return this.#fixedTags.has(etag)
  }
}

/** The fields of the coded answer; `headers` are those of the plain one, and are not used any more. */
export function codedHeaders(headers: HttpHeaders, facts: AnswerFacts, coding: Coding): HttpHeaders {
  if (facts.coded === null) {
    markCoded(headers, coding)
    return headers
  }
  return HttpHeaders.of(codedFields(headers, facts.coded, coding).block)
}

function codedFields(headers: HttpHeaders, known: Map<Coding, CodedFields>, coding: Coding): CodedFields {
  let fields = known.get(coding)
  if (fields === undefined) {
    const marked = new HttpHeaders(headers)
    markCoded(marked, coding)
    fields = { block: new HeaderBlock(linesOf(marked)), stored: null }
    known.set(coding, fields)
  }
  return fields
}

/** RFC 9110 §12.5.5: other clients may get other bytes, now or in another version of this answer. */
export function addVary(headers: HttpHeaders): void {
  const existing = headers.get('vary')
  const appended = appendToList(existing, 'Accept-Encoding')
  if (appended !== existing) headers.set('Vary', appended)
}

/** Entries, of about a kilobyte each: the files a server is asked for most. */
const MAX_REMEMBERED = 2048

/** Characters. Fields of a file are some 300; what is longer holds a cookie or a policy made for one answer. */
const MAX_REMEMBERED_LENGTH = 2048

function describe(headers: HttpHeaders, isRemembered: boolean): AnswerFacts {
  const vary = headers.get('vary')
  const length = headers.get('content-length')
  return {
    isForbidden: isCoded(headers) || forbidsTransform(headers) || hasDigest(headers),
    isIncompressible: isIncompressible(headers),
    varies: listIncludes(vary, 'accept-encoding') || listIncludes(vary, '*'),
    hasValidator: headers.has('etag') || headers.has('last-modified'),
    declaredLength: length === null ? -1 : Number(length),
    coded: isRemembered ? new Map() : null,
  }
}

/** Length and byte ranges of the plain answer are not those of the coded one, nor is a strong entity tag. */
function markCoded(headers: HttpHeaders, coding: Coding): void {
  addVary(headers)
  headers.set('Content-Encoding', coding)
  headers.delete('Content-Length')
  headers.delete('Accept-Ranges')
  const etag = headers.get('etag')
  if (etag !== null && etag.startsWith('"')) headers.set('ETag', codedTag(etag, coding))
}

/** The lines with their names as they were spelt. */
function linesOf(headers: HttpHeaders): [string, string][] {
  return headers
    .encode()
    .split('\r\n')
    .slice(0, -1)
    .map((line) => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), line.slice(colon + 2)]
    })
}
