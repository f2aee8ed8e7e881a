import { HeaderBlock, HttpHeaders, HttpResponse } from '@tsws/http'
import type { AnswerFacts } from './answer-facts.ts'
import type { Coding } from './coding.ts'
import type { ContentStore } from './content-store.ts'
import type { StoredContent } from './stored-content.ts'

// A small file that is asked for often comes as a block: fields and content, made once, never written to. So what was
// coded needs no comparing when that block comes again, and can be sent as it comes, in one stretch with its own fields.

/** The coded answer that stands for this one, which is the block that `facts` are of; null where there is none, or not yet. */
export function packedAnswer(
  response: HttpResponse,
  facts: AnswerFacts,
  coding: Coding,
): HttpResponse | null {
  const stored = facts.coded?.get(coding)?.stored ?? null
  if (stored === null || stored.packed === null) return null
  const { block, plain } = stored.packed
  if (plain !== facts) return null
  stored.used = true
  const { status, trailers } = response
  return new HttpResponse(block.content, { status, headers: HttpHeaders.of(block), trailers })
}

/** Makes one of what was just sent coded, for the next time. */
export function packAnswer(store: ContentStore, stored: StoredContent, facts: AnswerFacts): void {
  const fields = facts.coded?.get(stored.coding)
  const { coded, packed, best } = stored
  if (fields === undefined || coded === null || !best || coded.length > MAX_PACKED_BYTES) return
  fields.stored = stored
  // One content under several names: the first has it, until it has not been asked for under that name for a while.
  if (packed !== null && (packed.plain === facts || packed.missed++ < MAX_MISSED)) return
  store.pack(stored, facts, new HeaderBlock(fields.block.lines, coded))
}

/** Bytes. Larger answers are sent in several pieces, where it does not matter that the fields are one of them. */
const MAX_PACKED_BYTES = 32 * 1024

/** Times that others ask in between. */
const MAX_MISSED = 16
