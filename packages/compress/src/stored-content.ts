import type { HeaderBlock } from '@tsws/http'
import type { AnswerFacts } from './answer-facts.ts'
import type { Coding } from './coding.ts'

/** Content in one coding. */
export interface StoredContent {
  readonly key: string
  readonly coding: Coding
  /** What was coded, to be compared with in full; null where the key is a file's stamp, which is proof by itself. */
  source: string | Uint8Array | null
  /** Null: it did not shrink, so it is not worth trying again. */
  coded: Uint8Array | null
  /** Coded as well as it gets, or not worth it. */
  best: boolean
  /** A shorter coding that is to take the place of `coded`. */
  better: Uint8Array | null
  /** When it was first here, or with another thread, in milliseconds since 1970. */
  since: number
  /** When it was last asked for, in milliseconds since 1970; of what is best it does not matter any more. */
  askedAt: number
  /** Asked for since room was last looked for. */
  used: boolean
  /** Other threads were told of it, or told us. */
  shared: boolean
  /** No longer in the store. */
  dropped: boolean
  /** Ready to be sent: see `packed-answer.ts`. */
  packed: PackedAnswer | null
}

/** Coded content in one stretch of bytes with the fields of the answer that it is. */
export interface PackedAnswer {
  readonly block: HeaderBlock
  /** What is known of the plain answer that it stands for: itself it could not be held without its content. */
  readonly plain: AnswerFacts
  /** Times the content came with other fields since. */
  missed: number
}

/** What an entry begins as. */
export function createEntry(
  content: Pick<StoredContent, 'key' | 'coding' | 'source' | 'coded' | 'best' | 'better'>,
  now: number,
  since = now,
): StoredContent {
  const { key, coding, source, coded, best, better } = content
  return {
    key,
    coding,
    source,
    coded,
    best,
    better,
    since,
    askedAt: now,
    used: false,
    shared: false,
    dropped: false,
    packed: null,
  }
}

/** Bytes of memory. */
export function sizeOf({ source, coded, better, packed }: StoredContent): number {
  // a string is counted as if it took two bytes a character, as any with one beyond Latin-1 does
  const sourceBytes = source === null ? 0 : typeof source === 'string' ? source.length * 2 : source.length
  const packedBytes = packed?.block.contentWithFields?.length ?? 0
  return sourceBytes + (coded?.length ?? 0) + (better?.length ?? 0) + packedBytes + ENTRY_OVERHEAD
}

/** Bytes an entry costs beside its content: key, object, place in the map. */
const ENTRY_OVERHEAD = 256
