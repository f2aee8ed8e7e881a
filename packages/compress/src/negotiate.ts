import { createCodingNegotiator, negotiateCoding } from '@tsws/headers'
import { AVAILABLE_CODINGS } from './coding.ts'
import type { Coding } from './coding.ts'

/** A coding to apply, `identity` for none, null where the client refuses that too (406). */
export type Negotiated = Coding | 'identity' | null

/**
 * The content coding to answer with, by the value of `Accept-Encoding` (null where absent), as RFC 9110 §12.5.3 has it.
 * Where the client ranks several equal, the first of `codings` wins.
 */
export function negotiate(
  acceptEncoding: string | null,
  codings: readonly Coding[] = AVAILABLE_CODINGS,
): Negotiated {
  return negotiateCoding(acceptEncoding, codings) as Negotiated
}

/** `negotiate` for a server: remembers what its clients send. */
export function createNegotiator(codings: readonly Coding[]): (acceptEncoding: string | null) => Negotiated {
  return createCodingNegotiator(codings) as (acceptEncoding: string | null) => Negotiated
}
