import { equalBytes } from '../common/bytes';
import { FabricModelError } from '../common/errors';
import type { Certificate } from './certificate';

const CHAIN_LENGTH_MAX = 8;
const USAGE_ANY = '2.5.29.37.0';
/** Go's verifier asks for server authentication when no usage is named, and an MSP names none. */
const USAGE_SERVER = '1.3.6.1.5.5.7.3.1';

function validAt(certificate: Certificate, seconds: number): boolean {
  return certificate.notBeforeSeconds <= seconds && seconds <= certificate.notAfterSeconds;
}

function usable(certificate: Certificate): boolean {
  const usages = certificate.extensions.extendedKeyUsages;
  return (
    certificate.extensions.unknownCritical.length === 0 &&
    (usages === undefined || usages.includes(USAGE_ANY) || usages.includes(USAGE_SERVER))
  );
}

/** depth = number of certificates below, not counting the leaf. */
function withinPathLength(authority: Certificate, depth: number): boolean {
  const { pathLengthMax } = authority.extensions;
  return pathLengthMax === undefined || depth <= pathLengthMax;
}

function chainsFrom(
  path: readonly [Certificate, ...Certificate[]],
  roots: readonly Certificate[],
  intermediates: readonly Certificate[],
  atSeconds: number,
): Certificate[][] {
  const last = path[path.length - 1] ?? path[0];
  const fits = (authority: Certificate): boolean =>
    !path.some((below) => below.equals(authority)) &&
    validAt(authority, atSeconds) &&
    usable(authority) &&
    withinPathLength(authority, path.length - 1) &&
    last.isIssuedBy(authority);
  const ended = roots.filter(fits).map((root) => [...path, root]);
  if (path.length >= CHAIN_LENGTH_MAX) {
    return ended;
  }
  const longer = intermediates
    .filter((candidate) => !roots.some((root) => equalBytes(root.der, candidate.der)) && fits(candidate))
    .flatMap((intermediate) => chainsFrom([...path, intermediate], roots, intermediates, atSeconds));
  return [...ended, ...longer];
}

/**
 * The chain from a certificate to a root, judged one second after the certificate became valid, as Fabric's MSP does
 * (expiry is judged elsewhere, so that old blocks stay valid). A root is its own chain. Throws MSP_CHAIN_INVALID.
 */
export function uniqueChain(
  certificate: Certificate,
  roots: readonly Certificate[],
  intermediates: readonly Certificate[],
): readonly [Certificate, ...Certificate[]] {
  if (roots.some((root) => root.equals(certificate))) {
    return [certificate];
  }
  const atSeconds = certificate.notBeforeSeconds + 1;
  const acceptable = validAt(certificate, atSeconds) && usable(certificate);
  const chains = acceptable ? chainsFrom([certificate], roots, intermediates, atSeconds) : [];
  const [chain] = chains;
  if (chain === undefined || chains.length !== 1) {
    throw new FabricModelError(
      'MSP_CHAIN_INVALID',
      `The certificate (${certificate.subjectText}) has ${chains.length} chains to a root of the MSP; one is needed.`,
    );
  }
  const [leaf = certificate, ...above] = chain;
  return [leaf, ...above];
}
