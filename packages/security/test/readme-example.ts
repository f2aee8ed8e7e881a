import { compose, respond } from '@tsws/http'
import { clientAddress, hostGuard, securityHeaders } from '@tsws/security'

const security = securityHeaders({
  contentSecurityPolicy: { 'default-src': "'self'", 'frame-ancestors': "'none'" },
})

// Client address, host guard and security headers stand in this order in front of everything else.
export const handler = compose(
  [clientAddress(['loopback']), hostGuard(['example.com', 'localhost']), security.middleware],
  (request) => respond.text(`You come from ${request.remoteAddress}\n`),
)

// Errors are thrown past every middleware: give this to the engine as its `errorResponse`.
export const errorResponse = security.errorResponse()
