import { answerError, HeaderBlock, HttpHeaders, HttpResponse } from '@tsws/http'
import type { HttpRequest, Middleware } from '@tsws/http'
import { resolveCors } from './cors-options.ts'
import type { CorsOptions, ResolvedCors } from './cors-options.ts'
import { MAX_ORIGIN_LENGTH, originRules } from './origin-rules.ts'
import type { ErrorResponse } from './security-headers.ts'

export interface Cors {
  /**
   * Answers preflights itself, and adds the fields to what comes back for all other requests. It belongs before what
   * refuses requests (authentication, a rate limit): preflights carry no credentials, and refusals want the fields too.
   */
  readonly middleware: Middleware
  /** Adds the fields to one answer, for those that pass no middleware. */
  apply(response: HttpResponse, request: HttpRequest | null): void
  /**
   * An `errorResponse` for the engine whose answers carry the fields too: errors are thrown past every middleware, and
   * without the fields a script sees a failed connection instead of the status.
   */
  errorResponse(answer?: ErrorResponse): ErrorResponse
}

/**
 * Lets pages of other origins read answers: the CORS protocol of the Fetch standard (§3.3). It keeps nobody from
 * sending requests; it tells browsers to whom they may show what comes back.
 *
 * @throws {TypeError} for an option that is unknown or holds no sense, such as credentials for everybody
 */
export function cors(options?: CorsOptions): Cors {
  const resolved = resolveCors(options)
  const leaves = resolved.origins === '*' ? new LeaveForAll(resolved) : new LeaveByOrigin(resolved)
  const apply = (response: HttpResponse, request: HttpRequest | null): void => {
    if (request !== null) leaves.of(request).addTo(response)
  }
  return {
    apply,
    middleware(request, next) {
      const leave = leaves.of(request)
      if (isPreflight(request)) return leave.answerPreflight()
      const answer = next(request)
      return answer instanceof Promise ? answer.then(leave.add) : leave.add(answer)
    },
    errorResponse(answer = answerError) {
      return (error, request) => {
        const response = answer(error, request)
        apply(response, request)
        return response
      }
    },
  }
}

/** A CORS-preflight request (Fetch §3.3.2). Any other OPTIONS is for the handler. */
function isPreflight({ method, headers }: HttpRequest): boolean {
  return method === 'OPTIONS' && headers.has('access-control-request-method') && headers.has('origin')
}

interface Leaves {
  of(request: HttpRequest): Leave
}

/** The same fields for everybody: the answer does not depend on `Origin`, and need not say so. */
class LeaveForAll implements Leaves {
  readonly #leave: Leave

  constructor(resolved: ResolvedCors) {
    this.#leave = new Leave('*', resolved, false)
  }

  of(): Leave {
    return this.#leave
  }
}

/** Origins whose fields are kept encoded; a site is used from a few. */
const MAX_REMEMBERED = 256

class LeaveByOrigin implements Leaves {
  readonly #resolved: ResolvedCors
  readonly #isAllowed: (origin: string) => boolean
  readonly #none: Leave
  readonly #remembered = new Map<string, Leave>()

  constructor(resolved: ResolvedCors) {
    const { origins } = resolved
    this.#resolved = resolved
    this.#isAllowed = typeof origins === 'function' ? origins : originRules(origins as readonly string[])
    this.#none = new Leave(null, resolved, true)
  }

  of(request: HttpRequest): Leave {
    const origin = request.headers.get('origin')
    if (origin === null || origin.length > MAX_ORIGIN_LENGTH || !this.#lets(origin)) return this.#none
    let leave = this.#remembered.get(origin)
    if (leave === undefined) {
      leave = new Leave(origin, this.#resolved, true)
      if (this.#remembered.size < MAX_REMEMBERED) this.#remembered.set(origin, leave)
    }
    return leave
  }

  /** `null` is every opaque origin there is, and so nobody that a function could judge. */
  #lets(origin: string): boolean {
    return origin === 'null' ? this.#resolved.nullOrigin : this.#isAllowed(origin)
  }
}

const VARY = ['Vary', 'Origin'] as const

/** What one origin may do, as fields that are encoded once. */
class Leave {
  /** Adds the fields to an answer; a field that the handler set itself stays. Bound, so that it can be handed on. */
  readonly add: (response: HttpResponse) => HttpResponse
  readonly #varies: boolean
  readonly #fields: HeaderBlock
  readonly #fieldsAndVary: HeaderBlock
  readonly #preflight: HeaderBlock

  /** @param varies whether another origin gets other fields; said in every answer, also without `Origin` (Fetch §3.3.4) */
  constructor(origin: string | null, resolved: ResolvedCors, varies: boolean) {
    const fields =
      origin === null ? [] : [['Access-Control-Allow-Origin', origin] as const, ...resolved.fields]
    const vary = varies ? [VARY] : []
    this.#varies = varies
    this.#fields = new HeaderBlock(fields)
    this.#fieldsAndVary = new HeaderBlock([...fields, ...vary])
    this.#preflight = new HeaderBlock([
      ...fields,
      ...(origin === null ? [] : resolved.preflightFields),
      ...vary,
    ])
    this.add = (response) => {
      // A handler that returned nothing is for the engine to report, not for us to trip over.
      if (response?.headers !== undefined) this.addTo(response)
      return response
    }
  }

  addTo({ headers }: HttpResponse): void {
    const vary = this.#varies ? headers.get('vary') : null
    if (vary === null) return headers.addBlock(this.#fieldsAndVary)
    headers.addBlock(this.#fields)
    if (!NAMES_ORIGIN.test(vary)) headers.append(...VARY)
  }

  /** 204 also where there is no leave: what a browser goes by are the fields. */
  answerPreflight(): HttpResponse {
    return new HttpResponse(null, { status: 204, headers: HttpHeaders.of(this.#preflight) })
  }
}

/** `*` says that anything may matter, the origin included (RFC 9110 §12.5.5). */
const NAMES_ORIGIN = /(?:^|,)\s*(?:origin|\*)\s*(?:,|$)/i
