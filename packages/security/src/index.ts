export { AddressSet, normalizeAddress } from './address-set.ts'
export { clientAddress } from './client-address.ts'
export type { ClientAddressOptions } from './client-address.ts'
export { contentSecurityPolicy, DEFAULT_POLICY, STRICT_POLICY } from './content-security-policy.ts'
export type { PolicyDirectives } from './content-security-policy.ts'
export { cors } from './cors.ts'
export type { Cors } from './cors.ts'
export { CORS_DEFAULTS } from './cors-options.ts'
export type { CorsOptions } from './cors-options.ts'
export { hostGuard, LOOPBACK_HOSTS } from './host-guard.ts'
export type { HostGuardOptions } from './host-guard.ts'
export { DEFAULTS } from './options.ts'
export type { FieldOption, SecurityHeadersOptions, TransportSecurity } from './options.ts'
export { limiterStore } from './limiter-store.ts'
export type { Limiter, LimiterResult } from './limiter-store.ts'
export { memoryStore, sharedCounters } from './memory-store.ts'
export type { MemoryStoreOptions } from './memory-store.ts'
export { rateLimit } from './rate-limit.ts'
export { RATE_LIMIT_DEFAULTS } from './rate-limit-options.ts'
export type {
  Counted,
  RateLimitOptions,
  RateLimitPolicy,
  RateLimitStore,
  StoreFor,
} from './rate-limit-options.ts'
export { secureTargetCheck } from './secure-target.ts'
export { securityHeaders } from './security-headers.ts'
export type { ErrorResponse, SecurityHeaders } from './security-headers.ts'
