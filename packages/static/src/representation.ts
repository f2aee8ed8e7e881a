import { appendToList, formatHttpDate } from '@tsws/headers'
import { HeaderBlock } from '@tsws/http'
import { applyHeaderRules } from './header-rules.ts'
import { CLOCK_TICK_MS } from './cached-file.ts'
import { isCompressible, mediaTypeOf } from './media-type.ts'
import type { Coding, ResolvedOptions } from './options.ts'

/** What `fstat` says of an opened file, and all that is used of it. */
export interface FileFacts {
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970, with fractions. */
  readonly mtimeMs: number
  readonly ctimeMs: number
}

/** What is known of one representation, all of it from the opened file. */
export interface Validators {
  readonly etag: string | null
  /** Milliseconds since 1970; null when the file's time says nothing. */
  readonly lastModified: number | null
}

/** One representation of a file (RFC 9110 §3.2): its validators, and its fields encoded once for all answers. */
export interface Representation extends Validators {
  /** Bytes. */
  readonly size: number
  /** Whether there are, or may be made, others in other codings. */
  readonly canVary: boolean
  /** `lastModified` as it is sent; null when it is not. */
  readonly lastModifiedText: string | null
  readonly contentType: string
  readonly coding: Coding | null
  /** Fields of a 200, and of a 206 with one range; with the content, where that is kept. */
  readonly whole: HeaderBlock
  /** Those of a 304 (RFC 9110 §15.4.5): what a cache needs to update what it has. */
  readonly notModified: HeaderBlock
}

/**
 * @param path of the file below the root, decoded; of the file itself, not of its compressed sibling
 * @param facts of the opened file that is sent: the sibling's, if that is it
 * @param now milliseconds since 1970
 * @param varies whether there are representations in other codings
 * @param content all of it, if it is to be kept
 */
export function createRepresentation(
  path: string,
  coding: Coding | null,
  facts: FileFacts,
  options: Pick<ResolvedOptions, 'cacheControl' | 'headers' | 'mediaTypes'>,
  now: number,
  varies = coding !== null,
  content: Uint8Array | null = null,
): Representation {
  const contentType = mediaTypeOf(path, options.mediaTypes)
  const canVary = varies || isCompressible(contentType)
  const etag = canVary || !isSettled(facts, now) ? `W/${entityTag(facts, coding)}` : entityTag(facts, coding)
  const lastModified = lastModifiedOf(facts, now)
  const always: [string, string][] = [['ETag', etag]]
  const cacheControl = options.cacheControl(path)
  if (cacheControl !== null) always.push(['Cache-Control', cacheControl])
  const about: [string, string][] = [['Content-Type', contentType]]
  if (coding !== null) about.push(['Content-Encoding', coding])
  about.push(['Accept-Ranges', 'bytes'])
  const lastModifiedText = lastModified === null ? null : formatHttpDate(lastModified)
  if (lastModifiedText !== null) about.push(['Last-Modified', lastModifiedText])
  const fields = applyHeaderRules(options.headers, path, [...about, ...always])
  const whole = new HeaderBlock(canVary ? varyingByCoding(fields) : fields, content)
  return {
    size: facts.size,
    canVary,
    etag,
    lastModified,
    lastModifiedText,
    contentType: whole.get('content-type') ?? contentType,
    coding,
    whole,
    notModified: new HeaderBlock(whole.lines.filter(([name]) => !ABOUT_CONTENT.has(name.toLowerCase()))),
  }
}

type Field = readonly [name: string, value: string]

/**
 * RFC 9110 §12.5.5: whoever compresses, here or further out, the answer to another client may differ; caches must know from
 * the first answer on, be it the plain one or a 304, and whatever a rule adds.
 */
function varyingByCoding(fields: readonly Field[]): Field[] {
  const isVary = ([name]: Field): boolean => name.toLowerCase() === 'vary'
  const vary = appendToList(fields.find(isVary)?.[1] ?? null, 'Accept-Encoding')
  return [...fields.filter((field) => !isVary(field)), ['Vary', vary]]
}

/**
 * The opaque tag, as telling as size and microseconds make it. Each coding has its own (RFC 9110 §8.8.3.3).
 *
 * It is sent as a weak one (§8.8.1) where somebody further out may compress, and for a file that was just written, since
 * two writes within one tick of the file system's clock look the same. Of images, sound, video and archives it is strong:
 * only by a strong one may ranges be joined (§13.1.5), and Chromium asks by whatever tag there is when a video is sought in.
 */
export function entityTag(facts: FileFacts, coding: Coding | null): string {
  const changed = saysNothing(facts.mtimeMs) ? facts.ctimeMs : facts.mtimeMs
  const tag = `${facts.size.toString(36)}-${Math.round(changed * 1000).toString(36)}`
  return coding === null ? `"${tag}"` : `"${tag}-${coding}"`
}

/** Whether its times are old enough to have been the last. */
function isSettled({ mtimeMs, ctimeMs }: FileFacts, now: number): boolean {
  return now - Math.max(mtimeMs, ctimeMs) > CLOCK_TICK_MS
}

/** RFC 9110 §8.8.2.1: never later than now. */
function lastModifiedOf(facts: FileFacts, now: number): number | null {
  return saysNothing(facts.mtimeMs) ? null : Math.min(facts.mtimeMs, now)
}

/** Reproducible builds and package stores set every file to the first moments of 1970: all versions look the same. */
function saysNothing(mtimeMs: number): boolean {
  return mtimeMs < FIRST_DAY_MS
}

const FIRST_DAY_MS = 24 * 60 * 60 * 1000

/** RFC 9110 §15.4.5: a 304 leaves out what describes the content; with an ETag there, Last-Modified too. */
const ABOUT_CONTENT: ReadonlySet<string> = new Set([
  'accept-ranges',
  'content-type',
  'content-encoding',
  'content-language',
  'last-modified',
])
