import { HttpRequest } from '@tsws/http'
import { fakeExchange, fakeFacts } from '@tsws/testing'
import type { ExchangeInit, FactsInit } from '@tsws/testing'

/** A request as the engine would make it, without a connection. */
export function fakeRequest(init: FactsInit & ExchangeInit = {}): HttpRequest {
  return new HttpRequest(fakeFacts(init), fakeExchange(init))
}
