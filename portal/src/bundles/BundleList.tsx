import { ShopOutlined } from "@ant-design/icons";
import { ButtonLink } from "../feedback/ButtonLink";
import { useWords } from "../i18n/words";
import { KindList } from "../kinds/KindList";
import { kindOf } from "../kinds/catalogue";

/** Bundles are ordered from the catalogue rather than made by a form. */
export function BundleList() {
  const { t } = useWords();
  const kind = kindOf("bundles");
  const order = (
    <ButtonLink look="solid" icon={<ShopOutlined />} to="/bundles/catalogue">
      {t("menu.catalogue")}
    </ButtonLink>
  );
  return kind && <KindList kind={kind} create={order} />;
}
