//! Patients that do not exist, the same in every run. Social security numbers begin with 9, which none that was ever
//! given out does; telephone numbers and domains are those reserved for fiction.

use serde_json::{Map, Value, json};

use super::input::Given;

const GIVEN: [&str; 24] = [
    "Maria", "James", "Aisha", "Wei", "Olga", "Carlos", "Priya", "John", "Fatima", "Liam", "Chloé", "Noah", "Yuki",
    "Emma", "Ahmed", "Sofía", "Jürgen", "Grace", "Tomasz", "Amara", "Elena", "Samuel", "Ingrid", "Mateo",
];
const FAMILY: [&str; 24] = [
    "Hernández",
    "Smith",
    "Okafor",
    "Chen",
    "Petrova",
    "García",
    "Patel",
    "O'Neill",
    "Haddad",
    "Murphy",
    "Dubois",
    "Johnson",
    "Tanaka",
    "Müller",
    "Rahman",
    "Rossi",
    "Schneider",
    "Mensah",
    "Kowalski",
    "Diallo",
    "Popescu",
    "Cohen",
    "Lindqvist",
    "Silva",
];
const STREETS: [&str; 8] =
    ["Maple Avenue", "Oak Street", "Harbor Road", "Mill Lane", "Cedar Drive", "Park Place", "Elm Court", "Lake View"];
const CITIES: [(&str, &str, &str); 8] = [
    ("Springfield", "MA", "011"),
    ("Riverside", "CA", "925"),
    ("Franklin", "TN", "370"),
    ("Georgetown", "TX", "786"),
    ("Salem", "OR", "973"),
    ("Madison", "WI", "537"),
    ("Arlington", "VA", "222"),
    ("Clinton", "IA", "527"),
];
/// ICD-10-CM code, its text, a drug that goes with it, and what a physician might write.
const DIAGNOSES: [(&str, &str, &str, &str); 12] = [
    (
        "E11.9",
        "Type 2 diabetes mellitus",
        "Metformin 1000 mg",
        "HbA1c 7.4 %, down from 8.1 %. Continue, recheck in 3 months.",
    ),
    ("I10", "Essential hypertension", "Lisinopril 10 mg", "Home readings 128/82 on average. No change."),
    (
        "J45.40",
        "Moderate persistent asthma",
        "Fluticasone 110 µg",
        "Two nights with symptoms last month; technique reviewed.",
    ),
    (
        "F32.1",
        "Major depressive disorder, moderate",
        "Sertraline 50 mg",
        "PHQ-9 score 11, sleeping better. Keeps weekly therapy.",
    ),
    ("B20", "HIV disease", "Bictegravir/emtricitabine/TAF", "Viral load undetectable for 18 months."),
    (
        "C50.911",
        "Malignant neoplasm of right breast",
        "Letrozole 2.5 mg",
        "Second follow-up after surgery, margins clear.",
    ),
    ("G43.709", "Chronic migraine", "Topiramate 50 mg", "Six attacks this month; diary shows red wine as a trigger."),
    ("M54.50", "Low back pain", "Ibuprofen 400 mg", "Improves with physiotherapy, no red flags."),
    ("N18.30", "Chronic kidney disease, stage 3", "Dapagliflozin 10 mg", "eGFR 48, stable. Avoid NSAIDs."),
    ("O09.91", "High-risk pregnancy, first trimester", "Folic acid 5 mg", "12 weeks, screening arranged."),
    ("F10.20", "Alcohol dependence", "Naltrexone 50 mg", "40 days without a drink; wants this kept from the employer."),
    ("Z79.4", "Long-term use of insulin", "Insulin glargine 22 U", "No hypoglycaemia since the last visit."),
];

/// `count` patients.
pub(crate) fn generate(count: u32) -> Vec<Given> {
    let mut dice = Dice(0x5712_0696_2000_0001);
    (1..=count).map(|number| patient(number, &mut dice)).collect()
}

fn patient(number: u32, dice: &mut Dice) -> Given {
    let (given, family) = (dice.pick(&GIVEN), dice.pick(&FAMILY));
    let (city, state, zip) = dice.pick(&CITIES);
    let (first, second) = (dice.pick(&DIAGNOSES), dice.pick(&DIAGNOSES));
    let contact = format!("{} {family}", dice.pick(&GIVEN));
    let value = json!({
        "name": { "given": given, "family": family },
        "birth_date": format!("{}-{:02}-{:02}", 1930 + dice.below(85), 1 + dice.below(12), 1 + dice.below(28)),
        "ssn": format!("9{:02}-{:02}-{:04}", dice.below(100), 1 + dice.below(99), 1 + dice.below(9999)),
        "mrn": format!("MRN-{:08}", 10_000_000 + dice.below(89_999_999)),
        "address": {
            "line": format!("{} {}", 1 + dice.below(999), dice.pick(&STREETS)),
            "city": city, "state": state, "zip": format!("{zip}{:02}", dice.below(100)),
        },
        "phone": format!("+1-{}55-555-01{:02}", 2 + dice.below(8), dice.below(100)),
        "email": format!("patient{number}@example.org"),
        "diagnoses": [
            { "code": first.0, "text": first.1, "since": 2005 + dice.below(20) },
            { "code": second.0, "text": second.1, "since": 2005 + dice.below(20) },
        ],
        "medication": [first.2, second.2],
        "notes": format!("{} {}", first.3, second.3),
        "emergency_contact": {
            "name": contact,
            "relation": dice.pick(&["spouse", "parent", "child", "sibling", "friend"]),
            "phone": format!("+1-{}55-555-01{:02}", 2 + dice.below(8), dice.below(100)),
        },
        "organ_donor": dice.below(2) == 0,
    });
    let fields = if let Value::Object(fields) = value { fields } else { Map::new() };
    let place = format!("made-up patient {number}");
    Given { id: Some(format!("patient-{number:04}")), fields, place }
}

/// Splitmix64: good enough to make people up, the same on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let index = usize::try_from(self.next() >> 33).unwrap_or(0) % choices.len().max(1);
        choices.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn patients_are_the_same_in_every_run_and_differ_from_each_other() {
        let (one, two) = (generate(200), generate(200));
        let text = |patients: &[Given]| {
            patients.iter().map(|one| Value::Object(one.fields.clone()).to_string()).collect::<Vec<_>>()
        };
        assert_eq!(text(&one), text(&two));
        assert_eq!(text(&one).into_iter().collect::<BTreeSet<_>>().len(), 200);
    }

    #[test]
    fn numbers_are_those_that_nobody_has() {
        for patient in generate(200) {
            assert!(patient.fields.get("ssn").unwrap().as_str().unwrap().starts_with('9'));
            assert!(patient.fields.get("phone").unwrap().as_str().unwrap().contains("-555-01"));
        }
    }
}
