import { HttpError } from '@tsws/http'
import type { HttpRequest } from '@tsws/http'
import { AddressSet, normalizeAddress } from './address-set.ts'

/** Schemes are case-insensitive (RFC 3986 §3.1). */
const HTTPS = /^https:/i

/**
 * Makes a check that throws 421 (RFC 9110 §15.5.20) for an `https` URL asked for over a connection
 * without TLS: such a request must be refused unless a trusted gateway sent it (RFC 9110 §7.4).
 * Else who sits on the plain port could have answers of the secured origin put into caches. Only
 * the absolute-form names a scheme, and few clients send that to an origin server.
 *
 * @param trustedProxies as for `clientAddress`: those that end TLS in front of this server
 * @throws {TypeError} for an entry that is no address, network or name of one
 */
export function secureTargetCheck(trustedProxies: readonly string[]): (request: HttpRequest) => void {
  const trusted = new AddressSet(trustedProxies, 'secureTargetCheck: trustedProxies')
  return ({ target, connection }) => {
    if (connection.encrypted || !HTTPS.test(target)) return
    const { remoteAddress } = connection
    if (trusted.has(remoteAddress === null ? null : normalizeAddress(remoteAddress))) return
    throw new HttpError(421, 'an https URL cannot be asked for over a connection without TLS', {
      code: 'ERR_SCHEME_NOT_SECURED',
    })
  }
}
