/** The saved addresses of the signed-in user. */
import { useMutation, useQuery } from "@apollo/client/react";
import { useSignedIn } from "../api/session";
import { graphql } from "../graphql";
import type { AddressesQuery, PostalAddressInput } from "../graphql/graphql";

const ADDRESSES = graphql(`
  query Addresses {
    me {
      id
      addresses {
        id
        name
        company
        street1
        street2
        city
        region
        postalCode
        country
        phone
      }
    }
  }
`);

const CREATE_ADDRESS = graphql(`
  mutation CreateAddress($input: CreateAddressInput!) {
    createAddress(input: $input) {
      address {
        id
      }
    }
  }
`);

export type SavedAddress = NonNullable<AddressesQuery["me"]>["addresses"][number];

/** Returns no addresses for visitors. */
export function useAddressBook(): {
  addresses: readonly SavedAddress[];
  save: (address: PostalAddressInput) => Promise<unknown>;
} {
  const isSignedIn = useSignedIn();
  const { data } = useQuery(ADDRESSES, { skip: !isSignedIn });
  const [createAddress] = useMutation(CREATE_ADDRESS, { refetchQueries: [ADDRESSES] });
  const save = (input: PostalAddressInput) => createAddress({ variables: { input } });
  return { addresses: data?.me?.addresses ?? [], save };
}
