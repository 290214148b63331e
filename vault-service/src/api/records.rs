//! `RecordService`.

use api::vault::v1 as proto;
use api::vault::v1::record_service_server::RecordService;
use names::{CollectionName, RecordName};
use rpc::page::Page;
use rpc::{Failure, call_context};
use tonic::{Request, Response, Status};

use super::json::encode::struct_length;
use super::{Handlers, allowed, convert, deadline, told, told_or_accounted};
use crate::permissions::{
    RecordsCreate, RecordsDelete, RecordsGet, RecordsList, RecordsReveal, RecordsRevealFull, RecordsUpdate,
};
use crate::problems::Problems;
use crate::records::delete::DeleteRecord;
use crate::records::reveal::RevealRecords;

#[tonic::async_trait]
impl RecordService for Handlers {
    async fn create_record(
        &self,
        request: Request<proto::CreateRecordRequest>,
    ) -> Result<Response<proto::CreateRecordResponse>, Status> {
        let call = call_context(&request)?;
        let parent = request.get_ref().parent.parse::<CollectionName>();
        let granted = call.grant_parsed::<RecordsCreate>(&parent)?;
        let mut problems = Problems::default();
        let on_behalf_of = convert::on_behalf_of(&request.get_ref().on_behalf_of, &mut problems);
        let given = convert::records::create_record(request.into_inner(), problems);
        let asked = convert::records::create_records(parent, given)?;
        let allowed = allowed(&call, granted, on_behalf_of);
        let created = self.vault.records.create(&allowed, asked, deadline(&call)).await;
        let records = told(&call, created)?;
        let record = records.into_iter().next().map(convert::records::record_message);
        Ok(Response::new(proto::CreateRecordResponse { record }))
    }

    async fn get_record(
        &self,
        request: Request<proto::GetRecordRequest>,
    ) -> Result<Response<proto::GetRecordResponse>, Status> {
        let call = call_context(&request)?;
        let name = request.get_ref().name.parse::<RecordName>();
        let granted = call.grant_parsed::<RecordsGet>(&name)?;
        let mut problems = Problems::default();
        convert::check_on_behalf_of(&request.get_ref().on_behalf_of, &mut problems);
        let (name, problems) = convert::parsed("name", name, problems)?;
        problems.finish().map_err(|invalid| Status::from(invalid.into_failure()))?;
        let record = self.vault.records.get(&granted, name, deadline(&call)).await.map_err(Failure::from)?;
        Ok(Response::new(proto::GetRecordResponse { record: Some(convert::records::record_message(record)) }))
    }

    async fn reveal_record(
        &self,
        request: Request<proto::RevealRecordRequest>,
    ) -> Result<Response<proto::RevealRecordResponse>, Status> {
        let call = call_context(&request)?;
        let name = request.get_ref().name.parse::<RecordName>();
        let granted = call.grant_parsed::<RecordsReveal>(&name)?;
        let is_full = convert::records::is_full(request.get_ref());
        let full = is_full.then(|| call.grant_parsed::<RecordsRevealFull>(&name)).transpose()?;
        let message = request.into_inner();
        let mut problems = Problems::default();
        let on_behalf_of = convert::on_behalf_of(&message.on_behalf_of, &mut problems);
        let mut given = convert::records::reveal(message, full.as_ref());
        given.problems.append(problems);
        let Some(name) = &given.name else { return Err(convert::refused(given.problems).into()) };
        let (parent, problems) = (name.parent(), Problems::default());
        let (reveals, most, measure) = (vec![given], usize::MAX, struct_length);
        let asked = RevealRecords { parent, reveals, is_batch: false, most, measure, problems };
        let allowed = allowed(&call, granted, on_behalf_of);
        let revealed = self.vault.records.reveal(allowed, asked, deadline(&call)).await;
        let Some(revealed) = told(&call, revealed)?.pop() else {
            return Err(Failure::bug("a reveal without a record").into());
        };
        let revealed = revealed.map_err(Failure::from)?;
        Ok(Response::new(proto::RevealRecordResponse { record: Some(convert::records::revealed_message(revealed)?) }))
    }

    async fn update_record(
        &self,
        request: Request<proto::UpdateRecordRequest>,
    ) -> Result<Response<proto::UpdateRecordResponse>, Status> {
        let call = call_context(&request)?;
        let name = request.get_ref().record.as_ref().map_or("", |record| &record.name).parse::<RecordName>();
        let granted = call.grant_parsed::<RecordsUpdate>(&name)?;
        let mut problems = Problems::default();
        let on_behalf_of = convert::on_behalf_of(&request.get_ref().on_behalf_of, &mut problems);
        let asked = convert::records::update(name, request.into_inner(), problems)?;
        let allowed = allowed(&call, granted, on_behalf_of);
        let record = told_or_accounted(&call, self.vault.records.update(allowed, asked, deadline(&call)).await)?;
        Ok(Response::new(proto::UpdateRecordResponse { record: Some(convert::records::record_message(record)) }))
    }

    async fn delete_record(
        &self,
        request: Request<proto::DeleteRecordRequest>,
    ) -> Result<Response<proto::DeleteRecordResponse>, Status> {
        let call = call_context(&request)?;
        let name = request.get_ref().name.parse::<RecordName>();
        let granted = call.grant_parsed::<RecordsDelete>(&name)?;
        let mut problems = Problems::default();
        let etag = convert::etag(&request.get_ref().etag, &mut problems);
        let on_behalf_of = convert::on_behalf_of(&request.get_ref().on_behalf_of, &mut problems);
        let request_id = convert::request_id(&request.get_ref().request_id, &mut problems);
        let (name, problems) = convert::parsed("name", name, problems)?;
        let asked = DeleteRecord { name, etag, request_id, problems };
        let allowed = allowed(&call, granted, on_behalf_of);
        let deleted = self.vault.records.delete(&allowed, asked, deadline(&call)).await;
        told(&call, deleted)?;
        Ok(Response::new(proto::DeleteRecordResponse {}))
    }

    async fn list_records(
        &self,
        request: Request<proto::ListRecordsRequest>,
    ) -> Result<Response<proto::ListRecordsResponse>, Status> {
        let call = call_context(&request)?;
        let parent = request.get_ref().parent.parse::<CollectionName>();
        let granted = call.grant_parsed::<RecordsList>(&parent)?;
        let message = request.into_inner();
        let mut problems = Problems::default();
        convert::check_on_behalf_of(&message.on_behalf_of, &mut problems);
        let list = ["ListRecords", &message.parent];
        let page = Page::parse(&list, message.page_size, &message.page_token, problems.violations());
        let (parent, problems) = convert::parsed("parent", parent, problems)?;
        problems.finish().map_err(|invalid| Status::from(invalid.into_failure()))?;
        let listed = self.vault.records.list(&granted, &parent, &page, deadline(&call)).await;
        let (records, next_page_token) = listed.map_err(Failure::from)?;
        let records = records.into_iter().map(convert::records::record_message).collect();
        Ok(Response::new(proto::ListRecordsResponse { records, next_page_token }))
    }

    async fn batch_create_records(
        &self,
        request: Request<proto::BatchCreateRecordsRequest>,
    ) -> Result<Response<proto::BatchCreateRecordsResponse>, Status> {
        let call = call_context(&request)?;
        let parent = request.get_ref().parent.parse::<CollectionName>();
        let granted = call.grant_parsed::<RecordsCreate>(&parent)?;
        let mut problems = Problems::default();
        let on_behalf_of = convert::on_behalf_of(&request.get_ref().on_behalf_of, &mut problems);
        let given = convert::records::batch_create(request.into_inner(), problems);
        let asked = convert::records::create_records(parent, given)?;
        let allowed = allowed(&call, granted, on_behalf_of);
        let created = self.vault.records.create(&allowed, asked, deadline(&call)).await;
        let records = told(&call, created)?;
        let records = records.into_iter().map(convert::records::record_message).collect();
        Ok(Response::new(proto::BatchCreateRecordsResponse { records }))
    }

    async fn batch_reveal_records(
        &self,
        request: Request<proto::BatchRevealRecordsRequest>,
    ) -> Result<Response<proto::BatchRevealRecordsResponse>, Status> {
        let call = call_context(&request)?;
        let parent = request.get_ref().parent.parse::<CollectionName>();
        let granted = call.grant_parsed::<RecordsReveal>(&parent)?;
        let is_full = request.get_ref().requests.iter().any(convert::records::is_full);
        let full = is_full.then(|| call.grant_parsed::<RecordsRevealFull>(&parent)).transpose()?;
        let mut problems = Problems::default();
        let on_behalf_of = convert::on_behalf_of(&request.get_ref().on_behalf_of, &mut problems);
        let asked = convert::records::batch_reveal(parent, request.into_inner(), full.as_ref(), problems)?;
        let allowed = allowed(&call, granted, on_behalf_of);
        let revealed = self.vault.records.reveal(allowed, asked, deadline(&call)).await;
        let revealed = told(&call, revealed)?.into_iter();
        let results = revealed.map(|one| convert::records::reveal_result(&call, one)).collect();
        Ok(Response::new(proto::BatchRevealRecordsResponse { results }))
    }
}
