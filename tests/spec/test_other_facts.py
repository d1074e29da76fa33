"""Conditions, genes, pregnancy, vaccines, symptoms, age."""


def test_a_diagnosis_on_the_list_is_present_and_a_class_covers_its_members(ask):
    assert ask("crohns-disease.present", "condition crohns-disease since 2019") == "yes"
    assert ask("inflammatory-bowel-disease.present", "condition crohns-disease since 2019") == "yes"
    assert ask("crohns-disease.present", "condition ulcerative-colitis since 2019") == "no"
    assert ask("crohns-disease.present", "no list conditions") == "cannot say"
    assert ask("crohns-disease.present", "condition crohns-disease uncertain") == "cannot say"


def test_a_past_diagnosis_was_there_but_is_not(ask):
    past = "condition pancreatitis since 2019 until 2020"
    assert ask("pancreatitis.present", past) == "no"
    assert ask("pancreatitis.ever", past) == "yes"


def test_a_phenotype_not_in_the_record_is_not_normal(ask):
    assert ask("nudt15.phenotype = poor", "gene nudt15 poor") == "yes"
    assert ask("nudt15.phenotype = poor", "gene nudt15 normal") == "no"
    assert ask("nudt15.phenotype = poor") == "cannot say"


def test_two_reports_that_differ_leave_it_open_where_it_matters(ask):
    both = ("gene tpmt poor", "gene tpmt normal")
    assert ask("tpmt.phenotype = poor", *both) == "cannot say"
    assert ask("tpmt.phenotype = intermediate", *both) == "no"


def test_star_alleles_mean_what_the_rules_of_the_day_make_of_them(ask):
    assert ask("tpmt.phenotype = poor", "gene tpmt *3A/*3C") == "yes"
    assert ask("tpmt.phenotype = poor", "gene tpmt *1/*3A") == "no"
    assert ask("tpmt.phenotype = normal", "gene tpmt *1/*8", on="2026-11-25") == "yes"
    assert ask("tpmt.phenotype = normal", "gene tpmt *1/*8", on="2025-11-25") == "no"
    assert ask("tpmt.known", "gene tpmt *1/*3A") == "yes"


def test_several_possible_pairs_answer_where_they_agree(ask):
    unphased = "gene tpmt *1/*3A or *3B/*3C"
    assert ask("tpmt.phenotype = poor", unphased) == "cannot say"
    assert ask("tpmt.phenotype = normal", unphased) == "no"
    assert ask("tpmt.phenotype in (intermediate, poor)", unphased) == "yes"
    assert ask("tpmt.known", unphased) == "cannot say"


def test_an_allele_that_nobody_has_defined_answers_nothing(ask):
    assert ask("tpmt.phenotype = poor", "gene tpmt *1/*99") == "cannot say"
    assert ask("tpmt.known", "gene tpmt *1/*99") == "cannot say"


def test_pregnancy_is_ruled_out_only_by_sex_age_or_an_entry(ask):
    asked = "pregnancy.present"
    assert ask(asked, "event pregnancy since 2026-01-10", patient="female born 1990") == "yes"
    assert ask(asked, patient="female born 1990") == "cannot say"
    assert ask(asked, patient="male born 1990") == "no"
    assert ask(asked, patient="female born 1950") == "no"
    assert ask(asked, "event pregnancy since 2024-01-10", patient="female born 1990") == "cannot say"


def test_a_vaccine_given_within_a_time(ask):
    given = "live-vaccine.given(within: 4 weeks)"
    assert ask(given, "vaccine mmr on 2026-02-15") == "yes"
    assert ask(given, "vaccine mmr on 2026-01-15") == "no"
    assert ask(given, "no list immunisations") == "cannot say"
    assert ask("live-vaccine.planned", "vaccine yellow-fever planned 2026-04-01") == "yes"


def test_a_symptom_counts_for_two_weeks_unless_the_rule_says_otherwise(ask):
    assert ask("sore-throat.reported", "symptom sore-throat on 2026-02-20") == "yes"
    assert ask("sore-throat.reported", "symptom sore-throat on 2026-02-10") == "no"
    assert ask("sore-throat.reported(within: 4 weeks)", "symptom sore-throat on 2026-02-10") == "yes"


def test_an_age_known_to_the_year_may_leave_it_open(ask):
    assert ask("patient.age >= 65 years", patient="female born 1960-03-01") == "yes"
    assert ask("patient.age >= 65 years", patient="female born 1962-03-01") == "no"
    assert ask("patient.age >= 65 years", patient="female born 1961") == "cannot say"
    assert ask("patient.age < 35 years and patient.sex = male", patient="male born 1995") == "yes"


def test_kleene_logic(ask):
    assert ask("neutrophils.latest < 1.6 10*9/L and crohns-disease.present") == "no"
    assert ask("neutrophils.latest < 1.6 10*9/L or crohns-disease.present") == "cannot say"
    assert ask("not crohns-disease.present") == "yes"
    assert ask("not tpmt.phenotype = poor") == "cannot say"
