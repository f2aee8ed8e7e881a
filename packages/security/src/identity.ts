import type { HttpRequest } from '@tsws/http'

/** Who sent a request, as far as authentication found out. */
export interface Identity {
  /** How it was found out. */
  readonly scheme: 'basic' | 'bearer'
  /** The user's name, or the `sub` of a token; null for a token that says none. */
  readonly name: string | null
  /** What the token says; empty for Basic. */
  readonly claims: Readonly<Record<string, unknown>>
}

// The same in every copy of this package: the command is bundled with one, and modules of the user may have another.
const IDENTITY = Symbol.for('@tsws/security.identity')

/** Who sent the request: what `basicAuth` or `bearerAuth` found; null where neither stands before, or let it through unasked. */
export function identityOf(request: HttpRequest): Identity | null {
  return (request.state.get(IDENTITY) as Identity | undefined) ?? null
}

export function setIdentity(request: HttpRequest, identity: Identity): void {
  request.state.set(IDENTITY, identity)
}
