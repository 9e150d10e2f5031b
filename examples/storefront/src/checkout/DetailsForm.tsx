/** The email address of a visitor, and the address to ship to. The server knows the rules of each country. */
import { Fragment, useState } from "react";
import { useSignedIn } from "../api/session";
import { useShop } from "../api/shop";
import type { Cart } from "../cart/cart";
import { useUpdateCart } from "../cart/updateCart";
import { readFragment } from "../graphql";
import type { PostalAddressInput, UpdateCartInput } from "../graphql/graphql";
import { Field, FormView, SelectField, useForm } from "../ui/form";
import { countryName } from "../ui/format";
import { useAddressBook } from "./addressBook";
import { POSTAL_ADDRESS } from "./PostalAddress";

interface Props {
  cart: Cart;
  needsAddress: boolean;
  onSaved: () => void;
}

/** Names of the fields are their paths in the mutation. */
const ADDRESS = "shippingAddress.";
const PARTS = ["name", "company", "street1", "street2", "postalCode", "city", "region", "country", "phone"] as const;

export function DetailsForm({ cart, needsAddress, onSaved }: Props) {
  const shop = useShop();
  // The account of a user has an address already.
  const needsEmail = !useSignedIn();
  const update = useUpdateCart();
  const { addresses, save } = useAddressBook();
  const [chosenId, choose] = useState("");
  const form = useForm(async (values) => {
    const shippingAddress = toAddress(values);
    const input: UpdateCartInput = {};
    if (needsEmail) input.email = values.email ?? "";
    if (needsAddress) input.shippingAddress = shippingAddress;
    const errors = await update(input);
    if (errors.length > 0) return errors;
    // The cart has accepted it: it is valid.
    if (values.save) await save(shippingAddress);
    onSaved();
  });
  const shown = addresses.find(({ id }) => id === chosenId) ?? readFragment(POSTAL_ADDRESS, cart.shippingAddress);
  const part = (name: (typeof PARTS)[number]) => ({ name: ADDRESS + name, defaultValue: shown?.[name] ?? undefined });
  return (
    <FormView form={form} submit="Continue" fields={["email", ...PARTS.map((part) => ADDRESS + part)]}>
      {needsEmail && (
        <Field
          name="email"
          label="Email address"
          type="email"
          autoComplete="email"
          defaultValue={cart.email ?? undefined}
          maxLength={shop?.limits.emailMaxLength}
          required
        />
      )}
      {needsAddress && addresses.length > 0 && (
        <SelectField name="saved" label="Saved addresses" onChange={({ target }) => choose(target.value)}>
          <option value="">Choose an address</option>
          {addresses.map(({ id, name, street1, city }) => (
            <option key={id} value={id}>
              {[name, street1, city].filter(Boolean).join(", ")}
            </option>
          ))}
        </SelectField>
      )}
      {needsAddress && (
        // The key fills the fields again when another address is chosen.
        <Fragment key={chosenId}>
          <SelectField {...part("country")} label="Country" autoComplete="country" key={shop?.shippingCountries.join()}>
            {shop?.shippingCountries.map((code) => (
              <option key={code} value={code}>
                {countryName(code)}
              </option>
            ))}
          </SelectField>
          <Field {...part("name")} label="Name" autoComplete="name" required />
          <Field {...part("company")} label="Company (optional)" autoComplete="organization" />
          <Field {...part("street1")} label="Street and number" autoComplete="address-line1" required />
          <Field {...part("street2")} label="Apartment, floor (optional)" autoComplete="address-line2" />
          <Field {...part("postalCode")} label="Postal code" autoComplete="postal-code" />
          <Field {...part("city")} label="City" autoComplete="address-level2" />
          <Field {...part("region")} label="State or region (where addresses have one)" autoComplete="address-level1" />
          <Field {...part("phone")} label="Phone (optional)" type="tel" autoComplete="tel" />
          {!needsEmail && !chosenId && (
            <label>
              <input type="checkbox" name="save" /> Save this address in my account
            </label>
          )}
        </Fragment>
      )}
    </FormView>
  );
}

function toAddress(values: Record<string, string>): PostalAddressInput {
  const part = (name: (typeof PARTS)[number]) => values[ADDRESS + name] ?? "";
  return {
    name: part("name"),
    company: part("company"),
    street1: part("street1"),
    street2: part("street2"),
    city: part("city"),
    region: part("region"),
    postalCode: part("postalCode"),
    country: part("country"),
    phone: part("phone"),
  };
}
