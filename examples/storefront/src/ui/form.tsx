/**
 * Forms: a mutation returns `userErrors`, each with the input field it belongs to. `useForm` sends the form, and `Field`
 * shows the error of its field.
 */
import {
  createContext,
  type FormEvent,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  use,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { errorMessage } from "../api/errors";
import { type FragmentType, graphql, readFragment } from "../graphql";

/** Each mutation that a form sends selects `userErrors { ...FormErrors }`. */
const FORM_ERRORS = graphql(`
  fragment FormErrors on UserError {
    field
    message
  }
`);

/** An error of a field, or of the whole form. */
export interface FormError {
  field?: string | null;
  message: string;
}

/** Returns the errors of a payload. */
export function formErrors(userErrors: FragmentType<typeof FORM_ERRORS>[] | undefined): readonly FormError[] {
  return readFragment(FORM_ERRORS, userErrors) ?? [];
}

export interface Form {
  errors: readonly FormError[];
  isSending: boolean;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}

/** Calls `send` with the values of the fields. It returns the errors, or nothing after success. */
export function useForm(send: (values: Record<string, string>) => Promise<readonly FormError[] | undefined>): Form {
  const [errors, setErrors] = useState<readonly FormError[]>([]);
  const [isSending, setIsSending] = useState(false);
  const element = useRef<HTMLFormElement>(null);

  // After errors are shown, the first field with an error gets the focus.
  useEffect(() => {
    const controls = [...(element.current?.elements ?? [])];
    const invalid = controls.find((control) => control.getAttribute("aria-invalid") === "true");
    if (invalid instanceof HTMLElement) invalid.focus();
  }, [errors]);

  const submit = async (form: HTMLFormElement) => {
    setIsSending(true);
    setErrors([]);
    let found: readonly FormError[];
    try {
      const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
      found = (await send(values)) ?? [];
    } catch (error) {
      found = [{ message: errorMessage(error) }];
    }
    setErrors(found);
    setIsSending(false);
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    element.current = event.currentTarget;
    if (!isSending) void submit(event.currentTarget);
  };
  return { errors, isSending, onSubmit };
}

const ErrorsContext = createContext<readonly FormError[]>([]);

/** Gives the errors of a form to its fields. */
export const FormErrorsProvider = ErrorsContext.Provider;

interface FormViewProps {
  form: Form;
  submit: string;
  /** Names of the fields. Errors of others are shown above the button. */
  fields: readonly string[];
  children: ReactNode;
}

export function FormView({ form, submit, fields, children }: FormViewProps) {
  return (
    <FormErrorsProvider value={form.errors}>
      <form className="form" onSubmit={form.onSubmit} noValidate>
        {children}
        <OtherErrors errors={form.errors} fields={fields} />
        <button className="button" aria-disabled={form.isSending}>
          {form.isSending ? "Please wait…" : submit}
        </button>
      </form>
    </FormErrorsProvider>
  );
}

/** The errors that belong to none of these fields. */
export function OtherErrors({ errors, fields }: { errors: readonly FormError[]; fields: readonly string[] }) {
  const others = errors.filter(({ field }) => !field || !fields.includes(field));
  return others.map(({ message }) => (
    <p key={message} className="form-error" role="alert">
      {message}
    </p>
  ));
}

interface FieldProps {
  /** Name of the input field in the mutation. */
  name: string;
  label: string;
  hint?: string;
}

export function Field({ name, label, hint, ...input }: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  const { attributes, frame } = useField(name, label, hint);
  return frame(<input {...attributes} {...input} />);
}

export function SelectField({ name, label, hint, ...select }: FieldProps & SelectHTMLAttributes<HTMLSelectElement>) {
  const { attributes, frame } = useField(name, label, hint);
  return frame(<select {...attributes} {...select} />);
}

/** Returns the attributes of a control, and a function that puts it between its label and its error. */
function useField(name: string, label: string, hint?: string) {
  const id = useId();
  const error = use(ErrorsContext).find(({ field }) => field === name);
  const note = error?.message ?? hint;
  const attributes = {
    id,
    name,
    "aria-invalid": error !== undefined,
    "aria-describedby": note ? `${id}-note` : undefined,
  };
  const frame = (control: ReactNode) => (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {control}
      {note && (
        <p id={`${id}-note`} className={error ? "field-error" : "hint"}>
          {note}
        </p>
      )}
    </div>
  );
  return { attributes, frame };
}
