import { readFileSync } from 'node:fs';
import type { ChaincodeServerOpts } from 'fabric-shim';

/** The variables of the environment that configure the service. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Messages have no limit of their own here: the peer's apply. The rest is what the shim's own server command sets. */
const grpcOptions = {
  'grpc.max_send_message_length': -1,
  'grpc.max_receive_message_length': -1,
  'grpc.keepalive_time_ms': 110_000,
  'grpc.http2.min_time_between_pings_ms': 110_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.http2.max_pings_without_data': 0,
  'grpc.keepalive_permit_without_calls': 1,
};

/**
 * The options of the chaincode server. Throws one clear line where a variable is missing, and where TLS is neither configured in full
 * nor switched off on purpose: the shim alone would fall back to plain text, or let in every client that speaks TLS.
 */
export function serviceOptions(environment: Environment): ChaincodeServerOpts {
  const ccid = needed(environment, 'CHAINCODE_ID');
  const address = needed(environment, 'CHAINCODE_SERVER_ADDRESS');
  needed(environment, 'CORE_PEER_LOCALMSPID');
  const common = { ccid, address, ...grpcOptions };
  if (environment.CHAINCODE_TLS_DISABLED === 'true') {
    // The shim's type insists on keys that its code treats as absent in this case.
    return common as unknown as ChaincodeServerOpts;
  }
  const tlsProps = {
    key: readFileSync(needed(environment, 'CHAINCODE_TLS_KEY_FILE')),
    cert: readFileSync(needed(environment, 'CHAINCODE_TLS_CERT_FILE')),
    clientCACerts: readFileSync(needed(environment, 'CHAINCODE_TLS_CLIENT_CACERT_FILE')),
  };
  return { ...common, tlsProps };
}

function needed(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') {
    const hint = name.includes('TLS') ? ' (or CHAINCODE_TLS_DISABLED=true for a test without TLS)' : '';
    throw new Error(`The environment variable ${name} is not set${hint}.`);
  }
  return value;
}
