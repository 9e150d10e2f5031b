import { type FragmentType, graphql, readFragment } from "../graphql";
import { countryName } from "../ui/format";

export const POSTAL_ADDRESS = graphql(`
  fragment PostalAddress on PostalAddress {
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
`);

export function PostalAddress({ address }: { address: FragmentType<typeof POSTAL_ADDRESS> }) {
  const { name, company, street1, street2, city, region, postalCode, country } = readFragment(POSTAL_ADDRESS, address);
  const place = [postalCode, city, region].filter(Boolean).join(" ");
  const lines = [name, company, street1, street2, place, countryName(country)].filter(Boolean);
  return <address>{lines.join("\n")}</address>;
}
