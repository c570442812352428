/** Roles that a certificate can have in an MSP. */
export type PrincipalRole = 'member' | 'admin' | 'client' | 'peer' | 'orderer';

/** Who may satisfy one signature of a policy. */
export type Principal =
  | { readonly kind: 'role'; readonly mspId: string; readonly role: PrincipalRole }
  | {
      readonly kind: 'organizationUnit';
      readonly mspId: string;
      readonly unit: string;
      readonly certifiersIdentifier: Uint8Array;
    }
  | { readonly kind: 'identity'; readonly serializedIdentity: Uint8Array };

/** A tree of thresholds over principals. */
export type SignatureRule =
  | { readonly kind: 'signedBy'; readonly principalIndex: number }
  | { readonly kind: 'outOf'; readonly count: number; readonly rules: readonly SignatureRule[] };

/** A signature policy: which signatures are enough. */
export interface SignaturePolicy {
  readonly version: number;
  readonly rule: SignatureRule;
  readonly principals: readonly Principal[];
}

/** How many sub-policies of an implicit meta policy must hold. */
export type ImplicitRule = 'ANY' | 'ALL' | 'MAJORITY';

/** A policy of a channel's configuration. */
export type ChannelPolicy =
  | { readonly kind: 'signature'; readonly policy: SignaturePolicy }
  | { readonly kind: 'implicitMeta'; readonly rule: ImplicitRule; readonly subPolicy: string };

/** What stands in a chaincode definition or collection: a signature policy, or the path of a channel policy. */
export type ApplicationPolicy =
  | { readonly kind: 'signature'; readonly policy: SignaturePolicy }
  | { readonly kind: 'channel'; readonly reference: string };
