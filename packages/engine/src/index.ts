export type { Clock } from './clock.ts'
export { ClientGoneError, ResponseError } from './errors.ts'
export { DEFAULTS } from './options.ts'
export type { EngineOptions } from './options.ts'
export { InjectResult } from './inject.ts'
export type { InjectInput, InjectRequest, InjectResponse } from './inject.ts'
export type { Observer, ResponseSummary } from './observer.ts'
export { upgradeRequest } from './upgrade-request.ts'
export { createServer, HttpServer } from './server.ts'
export type {
  CloseOptions,
  CloseSummary,
  ConnectionView,
  Listener,
  ListenAddress,
  ListenOptions,
} from './server.ts'
