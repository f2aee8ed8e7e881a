import type { Compress } from '@tsws/compress'
import type { HttpServer } from '@tsws/engine'
import type { HttpRequest } from '@tsws/http'
import { counter, Exposition, gauge, RequestCounters } from '@tsws/observe'
import type { MetricModel } from '@tsws/observe'
import { AddressSet, normalizeAddress } from '@tsws/security'

/** Milliseconds: first answers go first, and then what shows metrics is loaded, before it is asked for. */
const LOAD_AFTER = 1000

/** What one server counts: an observer for the engine, read together with what engine and layers count themselves. */
export class ServerMetrics {
  readonly requests = new RequestCounters()
  /** To be set once both are made. */
  engine: HttpServer | null = null
  compress: Compress | null = null
  #exposition: Exposition | null = null
  #loading: NodeJS.Timeout | null = null

  /** Of this server alone, and its process. */
  text(): Promise<string> {
    this.#exposition ??= new Exposition()
    return this.#exposition.text([this.read()])
  }

  loadSoon(): void {
    this.#loading = setTimeout(() => (this.#exposition ??= new Exposition()), LOAD_AFTER).unref()
  }

  close(): void {
    if (this.#loading !== null) clearTimeout(this.#loading)
    this.#exposition?.close()
  }

  read(): MetricModel[] {
    return [
      ...this.requests.read(),
      ...(this.engine === null ? [] : ofConnections(this.engine)),
      ...(this.compress === null ? [] : ofCompression(this.compress)),
    ]
  }
}

function ofConnections({ stats }: HttpServer): MetricModel[] {
  return [
    gauge('tsws_connections_open', 'Connections open now.', stats.open),
    counter('tsws_connections_opened_total', 'Connections accepted.', stats.opened),
    counter('tsws_connections_refused_total', 'Connections turned away for a limit.', stats.refused),
    gauge(
      'tsws_http_requests_in_flight',
      'Requests that are not answered to the last byte yet.',
      stats.inFlight,
    ),
    counter(
      'tsws_received_bytes_total',
      'Bytes received on connections, heads and framing included.',
      stats.bytesRead,
    ),
    counter(
      'tsws_sent_bytes_total',
      'Bytes sent on connections, heads and framing included.',
      stats.bytesWritten,
    ),
  ]
}

function ofCompression({ stats }: Compress): MetricModel[] {
  return [
    counter('tsws_compressed_answers_total', 'Answers sent compressed.', stats.compressed),
    counter(
      'tsws_compressed_from_memory_total',
      'Those of them that had been compressed before.',
      stats.hits,
    ),
    counter(
      'tsws_compression_refused_total',
      'Answers sent as they are because too many were being compressed.',
      stats.refused,
    ),
    gauge('tsws_compression_kept_bytes', 'Bytes kept in memory to be sent again.', stats.keptBytes),
  ]
}

/**
 * Who may read metrics: clients whose address is one of these. A request that came through a proxy which nobody told us
 * of has the proxy's address, and is nobody's: a proxy on this machine must not hand the whole world what is for this
 * machine. (One that adds no field cannot be told from a client.)
 *
 * @param from addresses, CIDR blocks, or `loopback`, `linklocal`, `private`, `unix`
 * @throws {TypeError} for an entry that is none of these
 */
export function metricsReaders(from: readonly string[]): (request: HttpRequest) => boolean {
  const readers = new AddressSet(from, 'metrics: from')
  return (request) => {
    const { remoteAddress } = request
    if (!readers.has(remoteAddress === null ? null : normalizeAddress(remoteAddress))) return false
    const isPeer = remoteAddress === request.connection.remoteAddress
    return !(isPeer && FORWARDED.some((name) => request.headers.has(name)))
  }
}

/** What proxies add (RFC 7239, RFC 9110 §7.6.3, and what was before). */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']
