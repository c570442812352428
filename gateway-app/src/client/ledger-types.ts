import {
  manifest,
  specByFunctionName,
  type AnyTransactionSpec,
  type ConfidentialAt,
  type ContractName,
  type SubmitName,
} from '@flexledger/domain';

export type {
  ContractName,
  EvaluateName,
  RequestAt as RequestFor,
  ResponseAt as ResponseFor,
  SubmitName,
} from '@flexledger/domain';

/** What a submit may be told besides the request. */
export interface SubmitChoices {
  /** Names the endorsers instead of leaving them to the gateway or the client; all of them must then endorse. */
  readonly endorsingOrganizations?: readonly string[];
}

/** The last argument of `submit`: the confidential part is required exactly where the transaction has one. */
export type SubmitOptions<C extends ContractName, N extends SubmitName<C>> =
  ConfidentialAt<C, N> extends undefined
    ? readonly [options?: SubmitChoices & { readonly transient?: undefined }]
    : readonly [options: SubmitChoices & { readonly transient: ConfidentialAt<C, N> }];

/** The manifest's entry of a transaction. @throws RuleError CALL_FUNCTION_UNKNOWN */
export function findSpec(contract: string, transaction: string): AnyTransactionSpec {
  return specByFunctionName(manifest, `${contract}:${transaction}`);
}
