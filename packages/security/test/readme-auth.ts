import { compose, respond } from '@tsws/http'
import { basicAuth, bearerAuth, hashPassword, identityOf } from '@tsws/security'

// Made once, by `await hashPassword('lovelace')`, and kept in place of the password.
const ada = await hashPassword('lovelace')

export const withPassword = compose([basicAuth({ users: { ada }, realm: 'The engine' })], (request) =>
  respond.text(`Hello, ${identityOf(request)?.name}\n`),
)

export const withToken = compose(
  [
    bearerAuth({
      verify: (token) => (token === 'a-good-one' ? { sub: 'ada', scope: 'read' } : null),
      scopes: ['read'],
    }),
  ],
  (request) => respond.json(identityOf(request)?.claims),
)
