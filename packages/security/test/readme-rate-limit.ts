import { compose, respond } from '@tsws/http'
import { clientAddress, rateLimit } from '@tsws/security'

// A hundred requests a minute, but for those of our own monitoring.
export const handler = compose(
  [
    clientAddress(['loopback']),
    rateLimit({ limit: 100, window: 60, skip: (request) => request.remoteAddress === '203.0.113.1' }),
  ],
  () => respond.text('welcome\n'),
)
